"""Unit ids in paths: plain where that is safe, else `~` and base64url."""

from __future__ import annotations

import base64
import binascii
import re

from fairsplit.domain.errors import InvalidError

PLAIN = re.compile(r"[A-Za-z0-9._:@-]{1,128}")
LONGEST = 256


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


def is_unit_id(value: str) -> bool:
    """Whether a text may be a unit id: 1 to 256 characters of any Unicode but control characters and surrogates."""
    return 1 <= len(value) <= LONGEST and not any(_is_forbidden(ord(character)) for character in value)


def _is_forbidden(code: int) -> bool:
    return code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000


def _decoded(text: str) -> str | None:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return raw.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
