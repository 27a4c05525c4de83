"""One event as a client sent it, read and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from fairsplit.domain.errors import InvalidError
from fairsplit.domain.event import EXPOSURE, Event
from fairsplit.domain.event_fields import (
    NAME_LENGTH,
    UNIT_ID_LENGTH,
    check_exposure,
    read_properties,
    read_text,
    read_timestamp,
    read_type,
    read_value,
)
from fairsplit.domain.timestamps import from_text, to_text

FIELDS = frozenset({"event_id", "unit_id", "type", "timestamp", "value", "properties"})
FRACTION = re.compile(r"\.(\d+)")


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why an event is not taken: `code` is a stable word, `detail` names the field, its fault and the fix."""

    code: str
    detail: str


def read_event(raw: object, now: datetime, new_id: Callable[[], str]) -> Event | Rejection:
    """The event of a JSON value, or why it is none.

    Without an id of its own, an event that says when it happened gets one made of its content, so that it counts once
    however often it is sent; any other gets a new one from `new_id`.
    """
    try:
        return _read(_as_object(raw), now, new_id)
    except InvalidError as error:
        return Rejection(error.code, error.detail)


def _as_object(raw: object) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise InvalidError("event_invalid", "An event must be a JSON object with `unit_id` and `type`.")
    unknown = sorted(raw.keys() - FIELDS)
    if unknown:
        raise InvalidError(
            "unknown_field",
            f"`{unknown[0][:NAME_LENGTH]}` is no field of an event: put what is your own into `properties`.",
        )
    return raw


def _read(raw: Mapping[str, Any], now: datetime, new_id: Callable[[], str]) -> Event:
    unit_id = read_text(raw, "unit_id", UNIT_ID_LENGTH)
    event_type = read_type(raw)
    given_id = None if raw.get("event_id") is None else read_text(raw, "event_id", NAME_LENGTH)
    timestamp = read_timestamp(raw, now)
    value = read_value(raw)
    properties = read_properties(raw)
    if event_type == EXPOSURE:
        check_exposure(properties)
    event_id = given_id or _derived_id(raw, value, properties) or new_id()
    return Event(event_id, unit_id, event_type, timestamp, value, properties)


def _derived_id(raw: Mapping[str, Any], value: int | None, properties: Mapping[str, Any]) -> str | None:
    """An id made of the content alone: of the timestamp as sent, never of the clock. None where none was sent."""
    if raw.get("timestamp") is None:
        return None
    content = [raw["unit_id"], raw["type"], _exact_time(raw["timestamp"]), value, properties]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _exact_time(text: str) -> str:
    """The same moment as the same text, with every decimal of its second."""
    fraction = FRACTION.search(text)
    seconds = to_text(from_text(text))[: len("2026-03-01T12:00:00")]
    return seconds + "." + (fraction[1].rstrip("0") if fraction else "")
