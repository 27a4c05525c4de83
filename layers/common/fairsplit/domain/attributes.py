"""A request's attributes: any JSON object up to 8 KB. They are never stored or logged, but for declared dimensions."""

from __future__ import annotations

from typing import Any

from fairsplit.domain.errors import InvalidError
from fairsplit.domain.event_chunks import json_size

LARGEST = 8_192  # bytes of compact JSON in UTF-8, as an event's properties


def read_attributes(value: Any) -> dict[str, Any]:
    """The attributes of a request; none are an empty object.

    Raises:
        InvalidError: they are no object, or too large.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidError.at(("attributes",), "invalid_type", "attributes has to be an object.")
    if json_size(value) > LARGEST:
        raise InvalidError.at(("attributes",), "attributes_too_large", f"attributes may have {LARGEST} bytes at most.")
    return value
