"""Timestamps: RFC 3339 in UTC with milliseconds and a Z, and the UTC days they fall on."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)


def now() -> datetime:
    """This moment, aware, in UTC, cut to whole milliseconds."""
    return cut(datetime.now(UTC))


def cut(moment: datetime) -> datetime:
    """The moment without its microseconds below the millisecond."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def to_text(moment: datetime) -> str:
    """As in 2026-03-01T12:00:00.000Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def from_text(text: str) -> datetime:
    """An RFC 3339 timestamp as an aware datetime in UTC, cut to milliseconds.

    Raises:
        ValueError: it is no timestamp, or has no offset.
    """
    if not RFC_3339.fullmatch(text):
        raise ValueError("not an RFC 3339 timestamp with its offset, such as 2026-03-01T12:00:00Z")
    try:
        return cut(datetime.fromisoformat(text.upper()).astimezone(UTC))
    except OverflowError as error:
        raise ValueError("out of range") from error


def day_of(moment: datetime) -> date:
    """The UTC day of a moment."""
    return moment.astimezone(UTC).date()


def to_millis(moment: datetime) -> int:
    """Whole milliseconds since 1970."""
    return (moment - EPOCH) // MILLISECOND


def from_millis(millis: int) -> datetime:
    """The moment of so many milliseconds since 1970."""
    return EPOCH + millis * MILLISECOND
