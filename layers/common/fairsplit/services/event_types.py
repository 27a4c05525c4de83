"""The use-cases of event types: say what a type's properties look like, and take it back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, Protocol

from pydantic import Field

from fairsplit.domain.errors import InvalidError, NotFoundError, TooLargeError
from fairsplit.domain.event_type import EventType
from fairsplit.domain.experiment import Value
from fairsplit.domain.reading_models import read_model
from fairsplit.domain.unit_ids import is_unit_id
from fairsplit.services.checking_properties import compile_schema

LARGEST = 64_000  # bytes of a schema's JSON
LONGEST_NAME = 128
MOST_REFERENCES = 24  # each may double what a check does: so many make it 7,000 times as much at most


class EventTypeRequest(Value):
    """What a type's events should look like, and what becomes of those that do not."""

    json_schema: dict[str, Any] | bool = Field(alias="schema")
    mode: Literal["reject", "warn"] = "reject"


class EventTypeStore(Protocol):
    """Where event types are kept."""

    def put(self, event_type: EventType) -> None: ...

    def find(self, name: str) -> EventType | None: ...

    def delete(self, name: str) -> bool: ...


def put(store: EventTypeStore, name: str, body: Mapping[str, Any]) -> EventType:
    """Keep the schema and mode of a type; ingestion follows within five seconds.

    Raises:
        InvalidError: the name or a field breaks a rule, or the schema is none, or refers too often.
        TooLargeError: the schema is over 64 KB.
    """
    event_type = _read(name, body)
    if len(json.dumps(event_type.schema).encode()) > LARGEST:
        raise TooLargeError("schema_too_large", f"A schema may have {LARGEST} bytes of JSON at most.")
    if references_in(event_type.schema) > MOST_REFERENCES:
        message = f"A schema may have {MOST_REFERENCES} references ($ref) at most: write out what they name."
        raise InvalidError.at(("schema",), "schema_too_complex", message)
    compile_schema(event_type.schema)
    store.put(event_type)
    return event_type


def references_in(schema: Any) -> int:
    """How many references a schema holds, at any depth."""
    if isinstance(schema, list):
        return sum(references_in(one) for one in schema)
    if not isinstance(schema, dict):
        return 0
    return sum(references_in(one) for one in schema.values()) + len({"$ref", "$dynamicRef"} & schema.keys())


def find(store: EventTypeStore, name: str) -> EventType:
    """One event type.

    Raises:
        NotFoundError: there is none of that name.
    """
    event_type = store.find(name) if _is_name(name) else None
    if event_type is None:
        raise _unknown()
    return event_type


def delete(store: EventTypeStore, name: str) -> None:
    """Take a type's schema back: its events are no longer checked.

    Raises:
        NotFoundError: there is none of that name.
    """
    if not (_is_name(name) and store.delete(name)):
        raise _unknown()


def _read(name: str, body: Mapping[str, Any]) -> EventType:
    if not _is_name(name):
        message = "A type's name has 1 to 128 characters, none of them a control character, and begins not with $."
        raise InvalidError.at(("path", "type"), "event_type_invalid", message)
    request = read_model(EventTypeRequest, body)
    return EventType(name, request.json_schema, request.mode)


def _is_name(name: str) -> bool:
    return is_unit_id(name) and len(name) <= LONGEST_NAME and not name.startswith("$")


def _unknown() -> NotFoundError:
    return NotFoundError("event_type_not_found", "There is no event type of that name.")
