"""Events: what one call brought is stored once, and a unit's events are read in the order they are folded."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairsplit.domain.event import Event
from fairsplit.domain.event_chunks import chunk_events
from fairsplit.domain.timestamps import day_of
from fairsplit.storage.events import NewEvents, UnitEvents, to_item
from tests.engines import THAT_INSERT, Store
from tests.integration.storage.making import NOW

TODAY = day_of(NOW)
RETENTION = 480
pytestmark = pytest.mark.engine


class Table:
    """Stores and reads one unit's events."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.unit = uuid4().hex
        self.unit_events = UnitEvents(store.client, store.tables["EventsTable"], clock=lambda: NOW)

    def put(self, *events: Event, at: datetime = NOW) -> None:
        """Store what one call brought."""
        self.store.put("EventsTable", [to_item(chunk, at, RETENTION) for chunk in chunk_events(events)])

    def insert(self, *events: Event, at: datetime = NOW) -> list[bool]:
        """The same, as ingestion does it."""
        new = NewEvents(self.store.client, self.store.tables["EventsTable"], RETENTION)
        return new.insert(chunk_events(events), at)

    def event(self, event_id: str, day: int = 0, **properties: Any) -> Event:
        return Event(event_id, self.unit, "visit", NOW - timedelta(days=day), None, properties)

    def ids(self, first: int = 200, last: int = 0, **options: Any) -> list[str]:
        """Ids of the events from so many days ago on."""
        days = TODAY - timedelta(days=first), TODAY - timedelta(days=last)
        return [event.event_id for event in self.unit_events.between(self.unit, *days, **options)]


@pytest.fixture
def table(store: Store) -> Table:
    return Table(store)


def test_events_are_read_in_the_order_they_were_stored_and_within_a_call_as_sent(table: Table) -> None:
    table.put(table.event("b"), table.event("a"), at=NOW - timedelta(seconds=1))
    table.put(table.event("z", day=3), at=NOW)
    table.put(table.event("c"), at=NOW - timedelta(seconds=2))
    assert table.ids() == ["c", "b", "a", "z"]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(min_size=1, max_size=9), st.text() | st.floats(allow_nan=False) | st.integers()))
def test_what_is_stored_is_read_back_as_it_was(table: Table, properties: dict[str, Any]) -> None:
    event = Event(uuid4().hex, uuid4().hex + "𝕌/#~", "visit", NOW, -(10**13), properties)
    table.put(event)
    assert table.unit_events.between(event.unit_id, TODAY, TODAY) == [event]


def test_both_days_of_a_range_are_in_it_and_no_other(table: Table) -> None:
    table.put(*(table.event(str(day), day) for day in range(5)))
    assert table.ids(first=3, last=1) == ["3", "2", "1"]


def test_every_page_is_read(table: Table) -> None:
    table.put(*(table.event(str(number), noise=_noise(8_000)) for number in range(300)))
    assert sorted(table.ids(), key=int) == [str(number) for number in range(300)]


def test_reading_ends_at_the_limit(table: Table) -> None:
    table.put(*(table.event(str(number), day=number % 7) for number in range(70)))
    assert len(table.ids(limit=11)) == 11


def test_what_has_expired_is_not_read_though_it_is_still_there(table: Table) -> None:
    table.put(table.event("gone", day=481), table.event("last", day=480))
    assert table.ids(first=999) == ["last"]


@pytest.mark.parametrize("store", THAT_INSERT, indirect=True)
def test_the_same_ids_again_are_durable_and_change_nothing(table: Table) -> None:
    assert table.insert(table.event("a", n=1), table.event("b")) == [True]
    assert table.insert(table.event("b", n=2), table.event("a"), at=NOW + timedelta(seconds=1)) == [True]
    first, second = table.unit_events.between(table.unit, TODAY, TODAY)
    assert (first.event_id, second.event_id, first.properties) == ("a", "b", {"n": 1})


def _noise(length: int) -> str:
    """Text that does not compress to nothing."""
    return "".join(uuid4().hex for _ in range(length // 32))
