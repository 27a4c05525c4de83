"""Putting: events in groups, each of which is taken as a whole or told why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from fairsplit.domain.event_reading import Rejection
from fairsplit.services.checking_properties import Schemas
from fairsplit.services.ingesting import settle
from fairsplit.services.ports.events import EventStore


def put(
    groups: Sequence[Sequence[object]],
    *,
    now: datetime,
    new_id: Callable[[], str],
    schemas: Schemas,
    store: EventStore,
) -> list[Rejection | None]:
    """Store all raw events; of each group the first rejection, None where all of its events are durable.

    What was stored of a group that is rejected stays: who sends it again should send the same ids.
    """
    raw_events = [raw for group in groups for raw in group]
    answers, _ = settle(raw_events, now=now, new_id=new_id, schemas=schemas, store=store)
    left = iter(answers)
    return [_first_rejection([next(left) for _ in group]) for group in groups]


def _first_rejection(answers: Sequence[object]) -> Rejection | None:
    return next((answer for answer in answers if isinstance(answer, Rejection)), None)
