"""What comes of a call: nothing wrong, or which error of ours."""

from __future__ import annotations

from collections.abc import Callable

from fairsplit.domain.errors import FairsplitError

FINE = "fine"


def outcome_of(call: Callable[[], object]) -> str:
    """The code of the error that the call raises, or FINE."""
    try:
        call()
    except FairsplitError as error:
        return error.code
    return FINE
