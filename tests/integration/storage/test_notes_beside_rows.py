"""Notes beside an experiment's rows: marks, snapshots, heartbeats."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fairsplit.domain.aggregate import Mark
from fairsplit.storage.aggregates import Aggregates
from tests.engines import Store
from tests.integration.storage.making import NOW, fresh_key

pytestmark = pytest.mark.engine
LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def aggregates(store: Store) -> Aggregates:
    return Aggregates(store.client, store.tables["AggregatesTable"])


def test_a_mark_says_why_and_since_when_and_can_be_cleared(aggregates: Aggregates) -> None:
    key = fresh_key()
    assert aggregates.mark(key) is None
    aggregates.mark_for_recount(key, "unreadable_record", NOW)
    assert aggregates.mark(key) == Mark("unreadable_record", NOW)
    aggregates.clear_mark(key, Mark("unreadable_record", NOW))
    assert aggregates.mark(key) is None


def test_a_mark_that_was_made_since_is_not_cleared(aggregates: Aggregates) -> None:
    key = fresh_key()
    aggregates.mark_for_recount(key, "first", NOW)
    aggregates.mark_for_recount(key, "second", LATER)
    aggregates.clear_mark(key, Mark("first", NOW))
    assert aggregates.mark(key) == Mark("second", LATER)
    aggregates.clear_mark(fresh_key(), Mark("first", NOW))


def test_a_day_has_one_snapshot_the_first(aggregates: Aggregates) -> None:
    key, day = fresh_key(), date(2026, 3, 1)
    assert aggregates.snapshot(key, day) is None
    assert aggregates.put_snapshot(key, day, {"units": 10**30, "text": "é" * 1_000})
    assert not aggregates.put_snapshot(key, day, {"units": 2})
    assert aggregates.snapshot(key, day) == {"units": 10**30, "text": "é" * 1_000}
    assert aggregates.put_snapshot(key, day + timedelta(days=1), {})


def test_a_note_is_replaced_by_the_next(aggregates: Aggregates) -> None:
    key = fresh_key()
    assert aggregates.note(key, "~check") is None
    for value in ({"drifted": True}, {"drifted": False}):
        aggregates.put_note(key, "~check", value)
        assert aggregates.note(key, "~check") == value


def test_the_last_heartbeat_is_kept(aggregates: Aggregates) -> None:
    assert aggregates.heartbeat() is None
    for sent in (NOW, LATER):
        aggregates.note_heartbeat(sent, sent + timedelta(seconds=3))
    assert aggregates.heartbeat() == (LATER, LATER + timedelta(seconds=3))
