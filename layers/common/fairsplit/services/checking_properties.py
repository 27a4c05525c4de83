"""Properties of events checked against the JSON Schemas of their types, compiled once and kept for some seconds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fairsplit.domain.errors import InvalidError
from fairsplit.domain.event import Event
from fairsplit.services.ports.events import EventType, EventTypeStore

if TYPE_CHECKING:
    from jsonschema_rs import Draft202012Validator

KEPT = timedelta(seconds=5)
PATTERN_BYTES = 1 << 20  # of a compiled pattern
DETAIL_LENGTH = 300


@dataclass(frozen=True, slots=True)
class Mismatch:
    """How an event breaks its type's schema; `is_rejected` where the schema's mode is reject."""

    detail: str
    is_rejected: bool


def compile_schema(schema: Mapping[str, Any] | bool) -> Draft202012Validator:
    """A JSON Schema 2020-12, ready to check values. Patterns take linear time; nothing is ever fetched.

    Raises:
        InvalidError: it is no such schema, refers to one elsewhere, or has a pattern that needs backtracking.
    """
    import jsonschema_rs  # noqa: PLC0415 - only an installation that has schemas pays for it

    options = jsonschema_rs.RegexOptions(size_limit=PATTERN_BYTES)
    whole = dict(schema) if isinstance(schema, Mapping) else schema
    try:
        return jsonschema_rs.Draft202012Validator(whole, pattern_options=options, offline=True, mask="the value")
    except jsonschema_rs.ValidationError as error:
        raise InvalidError.at(
            ("schema",), "schema_invalid", f"`schema` is no usable JSON Schema 2020-12: {error.message[:DETAIL_LENGTH]}"
        ) from error


class Schemas:
    """The schemas of all types, read again when they are older than five seconds."""

    def __init__(self, read: EventTypeStore, clock: Callable[[], datetime]) -> None:
        self._read = read
        self._clock = clock
        self._read_at: datetime | None = None
        self._checks: dict[str, _Check] = {}

    def mismatch(self, event: Event) -> Mismatch | None:
        """How the event's properties break the schema of its type, if there is one and they do."""
        check = self._current().get(event.type)
        return check.mismatch(event) if check else None

    def _current(self) -> Mapping[str, _Check]:
        now = self._clock()
        if self._read_at is None or now - self._read_at > KEPT:
            self._checks = {kind.type: self._check_of(kind) for kind in self._read()}
            self._read_at = now
        return self._checks

    def _check_of(self, kind: EventType) -> _Check:
        """The check that is there already, where the schema is the same."""
        text = json.dumps(kind.schema, sort_keys=True)
        known = self._checks.get(kind.type)
        validator = known.validator if known and known.text == text else compile_schema(kind.schema)
        return _Check(text, kind.mode, validator)


@dataclass(frozen=True, slots=True)
class _Check:
    text: str
    mode: str
    validator: Draft202012Validator

    def mismatch(self, event: Event) -> Mismatch | None:
        error = next(iter(self.validator.iter_errors(dict(event.properties))), None)
        if error is None:
            return None
        place = ".".join(["properties", *map(str, error.instance_path)])
        detail = f"`{place}` breaks the schema of its type: {error.message}"[:DETAIL_LENGTH]
        return Mismatch(f"{detail}. Send what the schema asks for.", self.mode == "reject")
