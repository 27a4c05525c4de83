"""Taking in the events of one call: each is read, checked, stored once, and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairsplit.domain.errors import Fault, InvalidError, ThrottledError
from fairsplit.domain.event import Event
from fairsplit.domain.event_chunks import chunk_events
from fairsplit.domain.event_reading import FIELDS, Rejection, read_event
from fairsplit.services.checking_properties import Schemas
from fairsplit.services.ports.events import EventStore

MOST = 500  # events a call
THROTTLED = Rejection("throttled", "The store is throttling: send this event again, with the same `event_id`.")
Answer = Event | Rejection


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a call's events: how many are durable, which are not and why, which break a schema."""

    accepted: int
    rejected: Mapping[int, Rejection]
    warnings: Mapping[int, Rejection]

    def as_json(self) -> dict[str, Any]:
        """The answer's body; `warnings` only where there are any."""
        body: dict[str, Any] = {"accepted": self.accepted, "rejected": _entries(self.rejected)}
        return body | ({"warnings": _entries(self.warnings)} if self.warnings else {})


def events_in(body: Mapping[str, Any]) -> Sequence[object]:
    """The raw events of a request's body: those of `events`, or the body itself.

    Raises:
        InvalidError: there are none or more than 500, or the body is neither.
    """
    if "events" not in body:
        if FIELDS.isdisjoint(body):
            raise _miscounted('The body holds no event: send one event, or {"events": [...]} with 1 to 500.')
        return [body]
    unknown = sorted(body.keys() - {"events"})
    if unknown:
        raise InvalidError.at(
            (unknown[0],), "unknown_field", "Nothing may stand beside `events`: put an event's fields into its entry."
        )
    events = body["events"]
    if not isinstance(events, list):
        raise InvalidError.at(("events",), "events_invalid", "`events` must be a list of 1 to 500 events.")
    if not 1 <= len(events) <= MOST:
        raise _miscounted(f"`events` holds {len(events)} events: send 1 to 500 in one call.")
    return events


def ingest(
    raw_events: Iterable[object], *, now: datetime, new_id: Callable[[], str], schemas: Schemas, store: EventStore
) -> Receipt:
    """Store the events that break no rule. When this returns, every accepted one is durable.

    Raises:
        InvalidError: all are rejected.
        ThrottledError: all are rejected, and the store's throttling is the only reason.
    """
    answers, warned = settle(raw_events, now=now, new_id=new_id, schemas=schemas, store=store)
    rejected = {index: answer for index, answer in enumerate(answers) if isinstance(answer, Rejection)}
    if len(rejected) == len(answers):
        raise _all_rejected(list(rejected.values()))
    warnings = {index: warning for index, warning in enumerate(warned) if warning and index not in rejected}
    return Receipt(len(answers) - len(rejected), rejected, warnings)


def settle(
    raw_events: Iterable[object], *, now: datetime, new_id: Callable[[], str], schemas: Schemas, store: EventStore
) -> tuple[list[Answer], list[Rejection | None]]:
    """Each event, durable now, or why it is not taken; and beside it what a schema warns about."""
    checked = [_check(read_event(raw, now, new_id), schemas) for raw in raw_events]
    return _store([answer for answer, _ in checked], store, now), [warning for _, warning in checked]


def _check(answer: Answer, schemas: Schemas) -> tuple[Answer, Rejection | None]:
    """The answer once the schema of the event's type is asked, and the warning of a schema that only warns."""
    mismatch = schemas.mismatch(answer) if isinstance(answer, Event) else None
    if mismatch is None:
        return answer, None
    rejection = Rejection("schema_mismatch", mismatch.detail)
    return (rejection, None) if mismatch.is_rejected else (answer, rejection)


def _store(answers: Sequence[Answer], store: EventStore, now: datetime) -> list[Answer]:
    """The answers, with a rejection for each event that the store throttled. An id repeated shares its first's fate."""
    first: dict[tuple[str, str], Event] = {}
    for answer in answers:
        if isinstance(answer, Event):
            first.setdefault((answer.unit_id, answer.event_id), answer)
    chunks = chunk_events(first.values())
    durable = {
        (event.unit_id, event.event_id)
        for chunk, is_durable in zip(chunks, store.insert(chunks, now), strict=True)
        if is_durable
        for event in chunk.events
    }
    return [
        THROTTLED if isinstance(answer, Event) and (answer.unit_id, answer.event_id) not in durable else answer
        for answer in answers
    ]


def _all_rejected(rejections: Sequence[Rejection]) -> InvalidError | ThrottledError:
    if all(rejection is THROTTLED for rejection in rejections):
        return ThrottledError(THROTTLED.code, THROTTLED.detail)
    faults = tuple(
        Fault(("events", index), rejection.code, rejection.detail) for index, rejection in enumerate(rejections)
    )
    return InvalidError(rejections[0].code, rejections[0].detail, faults)


def _miscounted(detail: str) -> InvalidError:
    return InvalidError.at(("events",), "events_count", detail)


def _entries(rejections: Mapping[int, Rejection]) -> list[dict[str, Any]]:
    return [{"index": index, "code": each.code, "detail": each.detail} for index, each in rejections.items()]
