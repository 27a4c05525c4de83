"""Unit ids: 1 to 256 characters of any Unicode but control characters and halves of surrogate pairs."""

from __future__ import annotations

import re

LONGEST = 256
UNIT_ID = re.compile("[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,256}")


def is_unit_id(value: str) -> bool:
    """Whether a text may be a unit id."""
    return UNIT_ID.fullmatch(value) is not None
