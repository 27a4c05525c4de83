"""ETags: an experiment's version or a digest of an answer, and the headers that name them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from fairsplit.domain.errors import StaleError


def etag_of(version: int) -> str:
    """A strong ETag of a version."""
    return f'"{version}"'


def etag_of_bytes(content: bytes) -> str:
    """A strong ETag of an answer: other bytes have another one."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


ENTITY_TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
ENTITY_TAGS = re.compile(rf"\s*{ENTITY_TAG}(?:\s*,\s*{ENTITY_TAG})*\s*")


def check_match(event: Mapping[str, Any], version: int) -> None:
    """Compare the request's If-Match, if it has one, with the version as it is.

    Raises:
        StaleError: it names another version, or is weak or malformed.
    """
    wanted = _header(event, "if-match")
    if wanted is None or wanted.strip() == "*":
        return
    if etag_of(version) not in _tags_of(wanted):
        raise StaleError("stale_version", f"If-Match names another version; the current one is {etag_of(version)}.")


def is_known(event: Mapping[str, Any], etag: str) -> bool:
    """Whether the caller has what the tag is of: its If-None-Match names it, weakly or not, or is a star."""
    known = _header(event, "if-none-match") or ""
    return known.strip() == "*" or etag in {tag.removeprefix("W/") for tag in _tags_of(known)}


def _header(event: Mapping[str, Any], wanted: str) -> str | None:
    return next((value for name, value in (event.get("headers") or {}).items() if name.lower() == wanted), None)


def _tags_of(header: str) -> list[str]:
    """The tags of a header; none where it is no list of tags. Weak ones keep their W/, and so match nothing."""
    return re.findall(ENTITY_TAG, header) if ENTITY_TAGS.fullmatch(header) else []
