"""Whole ten-thousandths as decimals, exact."""

from __future__ import annotations

from fairsplit.domain.totals import SCALE


def decimal(value: int) -> str:
    """The shortest decimal: 12345 is 1.2345, 50000 is 5."""
    whole, rest = divmod(abs(value), SCALE)
    digits = f"{whole}.{rest:04d}".rstrip("0").rstrip(".")
    return f"-{digits}" if value < 0 else digits
