"""Unit ids in paths: plain where that is safe, else `~` and base64url."""

from __future__ import annotations

import base64
import binascii
import re

from fairsplit.domain.errors import InvalidError
from fairsplit.domain.unit_ids import is_unit_id

PLAIN = re.compile(r"[A-Za-z0-9._:@-]{1,128}")


def unit_id_of(segment: str) -> str:
    """The unit id that a path's segment stands for.

    Raises:
        InvalidError: the segment is neither plain nor `~` with base64url of UTF-8, or the id breaks the rule for ids.
    """
    if PLAIN.fullmatch(segment):
        return segment
    unit_id = _decoded(segment[1:]) if segment.startswith("~") else None
    if unit_id is None or not is_unit_id(unit_id):
        raise InvalidError.at(("path", "unit_id"), "unit_id_invalid", MESSAGE)
    return unit_id


MESSAGE = (
    "A unit id in a path is 1 to 128 of A-Z a-z 0-9 . _ : @ -, or ~ and the base64url (no padding) of its UTF-8 bytes: "
    "1 to 256 characters, no control characters."
)


def _decoded(text: str) -> str | None:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return raw.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
