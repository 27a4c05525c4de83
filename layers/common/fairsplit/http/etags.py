"""ETags: an experiment's version, and the If-Match that names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fairsplit.domain.errors import StaleError


def etag_of(version: int) -> str:
    """A strong ETag."""
    return f'"{version}"'


ENTITY_TAG = r'(?:W/)?"[\x21\x23-\x7e]*"'
ENTITY_TAGS = re.compile(rf"\s*{ENTITY_TAG}(?:\s*,\s*{ENTITY_TAG})*\s*")


def check_match(event: Mapping[str, Any], version: int) -> None:
    """Compare the request's If-Match, if it has one, with the version as it is.

    Raises:
        StaleError: it names another version, or is weak or malformed.
    """
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    wanted = headers.get("if-match")
    if wanted is None or wanted.strip() == "*":
        return
    if etag_of(version) not in _tags_of(wanted):
        raise StaleError("stale_version", f"If-Match names another version; the current one is {etag_of(version)}.")


def _tags_of(header: str) -> list[str]:
    """The tags of a header; none where it is no list of tags. Weak ones keep their W/, and so match nothing."""
    return re.findall(ENTITY_TAG, header) if ENTITY_TAGS.fullmatch(header) else []
