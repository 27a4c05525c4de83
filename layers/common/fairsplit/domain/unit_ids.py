"""Unit ids: 1 to 256 characters of any Unicode but control characters and halves of surrogate pairs."""

from __future__ import annotations

import re
from hashlib import sha256

LONGEST = 256
UNIT_ID = re.compile("[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,256}")


def is_unit_id(value: str) -> bool:
    """Whether a text may be a unit id."""
    return UNIT_ID.fullmatch(value) is not None


def digest_of(unit_id: str) -> str:
    """A unit id as it may be kept beside another unit's data: 32 hex digits that tell it again, but not what it is."""
    return sha256(unit_id.encode()).hexdigest()[:32]
