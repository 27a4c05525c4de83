"""The rules of an event's fields, one function each: the field's value as it is held, or an InvalidError."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from fairsplit.domain.errors import InvalidError
from fairsplit.domain.event import EXPOSURE
from fairsplit.domain.event_chunks import json_size
from fairsplit.domain.keys import is_key
from fairsplit.domain.timestamps import from_text
from fairsplit.domain.totals import SCALE

UNIT_ID_LENGTH = 256
NAME_LENGTH = 128  # of an event id and of a type
PROPERTIES_BYTES = 8192
GREATEST_VALUE = 10**9
AHEAD = timedelta(minutes=5)
OLDEST = timedelta(days=90)
CONTROL_OR_SURROGATE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def read_text(raw: Mapping[str, Any], field: str, length: int) -> str:
    """A required text of 1 to `length` characters, none of them a control character or half of a surrogate pair.

    Raises:
        InvalidError: `{field}_required` or `{field}_invalid`.
    """
    value = raw.get(field)
    if value is None:
        raise InvalidError(f"{field}_required", f"`{field}` is missing: add it, a string of 1 to {length} characters.")
    if not isinstance(value, str) or not 1 <= len(value) <= length:
        raise InvalidError(f"{field}_invalid", f"`{field}` must be a string of 1 to {length} characters.")
    if CONTROL_OR_SURROGATE.search(value):
        raise InvalidError(
            f"{field}_invalid", f"`{field}` holds a control character or half of a surrogate pair: take it out."
        )
    return value


def read_type(raw: Mapping[str, Any]) -> str:
    """The event's type; names that begin with $ are Fairsplit's own, and $exposure is the only one.

    Raises:
        InvalidError: `type_required`, `type_invalid` or `type_reserved`.
    """
    event_type = read_text(raw, "type", NAME_LENGTH)
    if event_type.startswith("$") and event_type != EXPOSURE:
        raise InvalidError(
            "type_reserved",
            f"`type` begins with $, which is reserved: send {EXPOSURE}, or a name that begins with something else.",
        )
    return event_type


def read_timestamp(raw: Mapping[str, Any], now: datetime) -> datetime:
    """When it happened: now where it is not said or at most 5 minutes ahead.

    Raises:
        InvalidError: `timestamp_invalid`, `timestamp_in_future` or `timestamp_too_old`.
    """
    given = raw.get("timestamp")
    if given is None:
        return now
    moment = _parse(given)
    if moment > now + AHEAD:
        raise InvalidError(
            "timestamp_in_future",
            "`timestamp` is more than 5 minutes ahead of the server's clock: send when the event happened.",
        )
    if moment < now - OLDEST:
        raise InvalidError("timestamp_too_old", "`timestamp` is more than 90 days ago: send events within 90 days.")
    return min(moment, now)


def _parse(given: object) -> datetime:
    try:
        if isinstance(given, str):
            return from_text(given)
    except ValueError:
        pass
    raise InvalidError(
        "timestamp_invalid",
        "`timestamp` must be an RFC 3339 string with its offset, such as 2026-03-01T12:00:00.000Z.",
    )


def read_value(raw: Mapping[str, Any]) -> int | None:
    """The value in whole ten-thousandths, exact; its decimals are those of its shortest decimal form.

    Raises:
        InvalidError: `value_invalid`, `value_out_of_range` or `value_too_precise`.
    """
    value = raw.get("value")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidError("value_invalid", "`value` must be a number: send it without quotes, or leave it out.")
    if not abs(value) <= GREATEST_VALUE:
        raise InvalidError("value_out_of_range", "`value` must lie between -1e9 and 1e9: send a smaller number.")
    scaled = Decimal(repr(value) if isinstance(value, float) else value) * SCALE
    if scaled != int(scaled):
        raise InvalidError("value_too_precise", "`value` has more than 4 decimals: round it to 4 or fewer.")
    return int(scaled)


def read_properties(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The client's own JSON object, of at most 8 KB.

    Raises:
        InvalidError: `properties_invalid` or `properties_too_large`.
    """
    properties = raw.get("properties")
    if properties is None:
        return {}
    if not isinstance(properties, dict):
        raise InvalidError("properties_invalid", "`properties` must be a JSON object, or be left out.")
    try:
        size = json_size(properties)
    except UnicodeEncodeError as error:
        raise InvalidError(
            "properties_invalid", "`properties` holds half of a surrogate pair: send whole characters."
        ) from error
    if size > PROPERTIES_BYTES:
        raise InvalidError(
            "properties_too_large", f"`properties` is {size} bytes of JSON, over the limit of 8192: send less."
        )
    return properties


def check_exposure(properties: Mapping[str, Any]) -> None:
    """Check that the properties of an exposure say which variant of which experiment the unit met.

    Raises:
        InvalidError: `exposure_invalid`.
    """
    for name in ("experiment", "variant"):
        value = properties.get(name)
        if not isinstance(value, str) or not is_key(value):
            raise InvalidError(
                "exposure_invalid",
                f"`properties.{name}` of a {EXPOSURE} must be the key of the {name} that the unit met.",
            )
    if not isinstance(properties.get("attributes"), dict | None):
        raise InvalidError(
            "exposure_invalid",
            f"`properties.attributes` of a {EXPOSURE} must be an object with the unit's attributes, or be left out.",
        )
