"""What CloudWatch Evidently's events become: one event for each number, or the exposure of an evaluation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from fairsplit.domain.errors import InvalidError
from fairsplit.domain.event import EXPOSURE
from fairsplit.domain.event_fields import GREATEST_VALUE, NAME_LENGTH
from fairsplit.domain.event_reading import Rejection
from fairsplit.domain.evidently_names import key_of_feature
from fairsplit.domain.timestamps import to_text
from fairsplit.domain.unit_ids import is_unit_id
from fairsplit.http.evidently.answers import EXPERIMENT
from fairsplit.http.evidently.errors import THROTTLING, VALIDATION
from fairsplit.http.evidently.questions import json_of
from fairsplit.services.ingesting import THROTTLED

MOST = 50  # events a call
MOST_NUMBERS = 20  # of an event
DECIMALS = 4
LONGEST_MESSAGE = 1024
CUSTOM, EVALUATION = "aws.evidently.custom", "aws.evidently.evaluation"
REST_OF_SECOND = timedelta(milliseconds=999)
ENTITY_RULE = "has to be the entity's id: 1 to 256 characters, none of them a control character."
NUMBERS_RULE = f"data has to have 1 to {MOST_NUMBERS} numbers from -1e9 to 1e9, such as details.pageLoadTime"


@dataclass(frozen=True, slots=True)
class Converted:
    """One of Evidently's events: its id and what it becomes, which is nothing for an evaluation outside of experiments.

    Or what is wrong with it.
    """

    event_id: str = ""
    events: Sequence[dict[str, Any]] = ()
    fault: str | None = None

    def result(self, rejection: Rejection | None) -> dict[str, str]:
        """What became of it, as Evidently says that."""
        message = rejection.detail if rejection else self.fault
        if message is None:
            return {"eventId": self.event_id}
        code = THROTTLING if rejection and rejection.code == THROTTLED.code else VALIDATION
        return {"errorCode": code, "errorMessage": message[:LONGEST_MESSAGE]}


def events_in(body: Mapping[str, Any]) -> list[Any]:
    """The raw events of a request's body.

    Raises:
        InvalidError: it has no list of them, or more than 50.
    """
    events = body.get("events")
    if not isinstance(events, list) or len(events) > MOST:
        raise InvalidError("out_of_range", f"events has to be a list of at most {MOST} events.")
    return events


def convert_all(raw_events: Iterable[Any], entity_id_key: str) -> list[Converted]:
    """Each event as ours, or why it cannot be.

    Ids are made of the content alone, so that an event that is sent again counts once; of events that are alike within
    a call each counts.
    """
    seen: dict[str, int] = {}
    return [_convert(raw, entity_id_key, seen) for raw in raw_events]


def _convert(raw: Any, entity_id_key: str, seen: dict[str, int]) -> Converted:
    try:
        kind, data, timestamp = _read(raw)
        parts = _exposures(data) if kind == EVALUATION else _measured(data, entity_id_key)
    except InvalidError as error:
        return Converted(fault=error.detail)
    content = json.dumps([kind, raw["timestamp"], data], sort_keys=True)
    seen[content] = seen.get(content, 0) + 1
    event_id = UUID(bytes=sha256(f"{seen[content]} {content}".encode()).digest()[:16], version=4)
    events = (part | {"event_id": str(uuid5(event_id, part["type"])), "timestamp": timestamp} for part in parts)
    return Converted(str(event_id), list(events))


def _read(raw: Any) -> tuple[str, dict[str, Any], str]:
    """Type, data and timestamp of an event."""
    if not isinstance(raw, dict):
        raise InvalidError("event_invalid", "An event has to be an object with type, timestamp and data.")
    if raw.get("type") not in (CUSTOM, EVALUATION):  # which may be of any type
        raise InvalidError("type_invalid", f"type has to be {CUSTOM} or {EVALUATION}.")
    data = json_of(raw.get("data"), "data")
    if not isinstance(data, dict):
        raise InvalidError("event_invalid", "data has to be a JSON object.")
    return raw["type"], data, _timestamp(raw.get("timestamp"))


def _timestamp(seconds: Any) -> str:
    """SDKs cut a moment to its second: it is taken for the second's end, so that it is not before what led to it."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise InvalidError("timestamp_invalid", "timestamp has to be a number, of seconds since 1970.")
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
        return to_text(moment if moment.microsecond else moment + REST_OF_SECOND)
    except (OverflowError, OSError, ValueError) as error:
        raise InvalidError("timestamp_invalid", "timestamp has to be in seconds since 1970.") from error


def _measured(data: Mapping[str, Any], entity_id_key: str) -> list[dict[str, Any]]:
    """An event for each number of the data, of the unit whose id stands at the key."""
    leaves, path = dict(_leaves(data)), entity_id_key.lower()
    unit_id = next((_text(value) for name, value in leaves.items() if name.lower() == path), None)
    if unit_id is None or not is_unit_id(unit_id):
        raise InvalidError("unit_id_invalid", f"data.{entity_id_key} {ENTITY_RULE}")
    numbers = {name: value for name, value in leaves.items() if name.lower() != path and _counts(name, value)}
    if not 1 <= len(numbers) <= MOST_NUMBERS:
        raise InvalidError("value_invalid", f"{NUMBERS_RULE}; it has {len(numbers)}.")
    return [{"unit_id": unit_id, "type": name, "value": round(value, DECIMALS)} for name, value in numbers.items()]


def _leaves(value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """All that is no object, by its dotted path."""
    for name, inside in value.items():
        if isinstance(inside, dict):
            yield from _leaves(inside, f"{path}{name}.")
        else:
            yield f"{path}{name}", inside


def _text(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def _counts(name: str, value: Any) -> bool:
    """Whether it is a number that a metric can be made of, under a name that an event's type can be."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > GREATEST_VALUE:
        return False
    return len(name) <= NAME_LENGTH and is_unit_id(name) and not name.startswith("$")


def _exposures(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The exposure that an evaluation event tells of; none where its unit was in no experiment."""
    feature, variation, entity_id = (data.get(name) for name in ("feature", "variation", "entityId"))
    if not (isinstance(feature, str) and isinstance(variation, str) and isinstance(entity_id, str)):
        raise InvalidError("event_invalid", "data has to have the texts feature, variation and entityId.")
    if not is_unit_id(entity_id):
        raise InvalidError("unit_id_invalid", f"data.entityId {ENTITY_RULE}")
    if data.get("type", EXPERIMENT) != EXPERIMENT:
        return []
    properties = {"experiment": key_of_feature(feature), "variant": key_of_feature(variation)}
    return [{"unit_id": entity_id, "type": EXPOSURE, "properties": properties | _attributes(data)}]


def _attributes(data: Mapping[str, Any]) -> dict[str, Any]:
    """The entity's attributes; a text of theirs stands within an object, under s."""
    attributes = data.get("entityAttributes")
    if not isinstance(attributes, dict):
        return {}
    return {"attributes": {name: _plain(value) for name, value in attributes.items()}}


def _plain(value: Any) -> Any:
    return value["s"] if isinstance(value, dict) and value.keys() == {"s"} else value
