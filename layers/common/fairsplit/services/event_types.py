"""The use-cases of event types: say what a type's properties look like, and take it back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from fairsplit.domain.errors import InvalidError, NotFoundError, TooLargeError
from fairsplit.domain.event_type import EventType
from fairsplit.domain.unit_ids import is_unit_id
from fairsplit.services.checking_properties import compile_schema

LARGEST = 64_000  # bytes of a schema's JSON
LONGEST_NAME = 128


class EventTypeStore(Protocol):
    """Where event types are kept."""

    def put(self, event_type: EventType) -> None: ...

    def find(self, name: str) -> EventType | None: ...

    def delete(self, name: str) -> bool: ...


def put(store: EventTypeStore, name: str, body: Mapping[str, Any]) -> EventType:
    """Keep the schema and mode of a type; ingestion follows within half a minute.

    Raises:
        InvalidError: the name or a field breaks a rule, or the schema is none.
        TooLargeError: the schema is over 64 KB.
    """
    event_type = _read(name, body)
    if len(json.dumps(event_type.schema).encode()) > LARGEST:
        raise TooLargeError("schema_too_large", f"A schema may have {LARGEST} bytes of JSON at most.")
    compile_schema(event_type.schema)
    store.put(event_type)
    return event_type


def find(store: EventTypeStore, name: str) -> EventType:
    """One event type.

    Raises:
        NotFoundError: there is none of that name.
    """
    event_type = store.find(name)
    if event_type is None:
        raise _unknown()
    return event_type


def delete(store: EventTypeStore, name: str) -> None:
    """Take a type's schema back: its events are no longer checked.

    Raises:
        NotFoundError: there is none of that name.
    """
    if not store.delete(name):
        raise _unknown()


def _read(name: str, body: Mapping[str, Any]) -> EventType:
    if not is_unit_id(name) or len(name) > LONGEST_NAME or name.startswith("$"):
        message = "A type's name has 1 to 128 characters, none of them a control character, and begins not with $."
        raise InvalidError.at(("path", "type"), "event_type_invalid", message)
    for field in body:
        if field not in {"schema", "mode"}:
            raise InvalidError.at((field,), "unknown_field", "An event type has the fields schema and mode.")
    if not isinstance(body.get("schema"), dict | bool):
        raise InvalidError.at(("schema",), "invalid_type", "schema has to be a JSON Schema (2020-12): an object.")
    mode = body.get("mode", "reject")
    if mode not in {"reject", "warn"}:
        raise InvalidError.at(("mode",), "unknown_value", "mode has to be reject or warn.")
    return EventType(name, body["schema"], mode)


def _unknown() -> NotFoundError:
    return NotFoundError("event_type_not_found", "There is no event type of that name.")
