"""Exposures: items read by their keys, and assignments that are stored only while the exposure is there."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.event import EXPOSURE, Event
from fairsplit.domain.event_chunks import EventChunk
from fairsplit.domain.exposure import Exposure
from fairsplit.storage.assignments import Assignments
from fairsplit.storage.backing_off import ATTEMPTS
from fairsplit.storage.erasing import ErasableEvents
from fairsplit.storage.events import to_item
from fairsplit.storage.exposures import Exposures
from fairsplit.storage.keys import holds_exposures
from tests.engines import THAT_INSERT, Store
from tests.integration.storage.making import NOW, assignment, fresh_key
from tests.store_faults import fault, refusing_transactions

pytestmark = pytest.mark.engine
MET = {"experiment": "a", "variant": "green", "attributes": {"country": "DE"}}


@pytest.fixture
def exposures(store: Store) -> Exposures:
    return Exposures(store.client, store.tables["EventsTable"], store.tables["AssignmentsTable"])


def keep(store: Store, unit_id: str, *ids: str, kind: str = EXPOSURE, days: int = 0) -> tuple[str, str]:
    """Store events as one call brings them; their place."""
    at = NOW - timedelta(days=days)
    events = tuple(Event(event_id, unit_id, kind, at, None, MET) for event_id in ids)
    item = to_item(EventChunk(unit_id, at.date(), events), NOW, 480)
    store.put("EventsTable", [item])
    return unit_id, item["day_digest"]["S"]


def find(store: Store, wanted: Assignment) -> Assignment | None:
    return Assignments(store.client, store.tables["AssignmentsTable"]).find(wanted.unit_id, wanted.experiment)


def test_a_key_tells_whether_an_item_holds_exposures(store: Store) -> None:
    unit = fresh_key()
    assert holds_exposures(keep(store, unit, "a")[1])
    assert not holds_exposures(keep(store, unit, "a", kind="purchase")[1])


def test_items_are_read_by_their_keys_each_once_and_those_that_are_gone_are_left_out(
    store: Store, exposures: Exposures
) -> None:
    one, other = fresh_key(), fresh_key()
    places = [keep(store, one, "a", "b"), keep(store, other, "c"), keep(store, one, "d", days=1)]
    keep(store, one, "not asked for")
    found = exposures.read([*places, places[0], (one, "2026-03-01#xgone")])
    assert sorted((met.event.unit_id, met.event.event_id, met.item) for met in found) == sorted(
        [(one, "a", places[0][1]), (one, "b", places[0][1]), (one, "d", places[2][1]), (other, "c", places[1][1])]
    )
    assert {(met.experiment, met.at, str(met.attributes)) for met in found} >= {("a", NOW, "{'country': 'DE'}")}


def test_more_items_than_a_call_can_read_are_read(store: Store, exposures: Exposures) -> None:
    places = [keep(store, fresh_key(), "a") for _ in range(130)]
    assert len(exposures.read(places)) == 130


@pytest.fixture
def met(store: Store, exposures: Exposures) -> Exposure:
    """A stored exposure."""
    (found,) = exposures.read([keep(store, fresh_key(), "a")])
    return found


def test_an_assignment_is_stored_where_there_is_none(store: Store, exposures: Exposures, met: Exposure) -> None:
    wanted = assignment(unit_id=met.event.unit_id)
    assert exposures.assign(wanted, met)
    assert not exposures.assign(replace(wanted, variant="control"), met)
    assert find(store, wanted) == wanted


def test_nothing_is_stored_when_the_exposure_is_gone(store: Store, exposures: Exposures, met: Exposure) -> None:
    wanted = assignment(unit_id=met.event.unit_id)
    ErasableEvents(store.client, exposures.events).delete(met.event.unit_id, [met.item])
    assert not exposures.assign(wanted, met)
    assert find(store, wanted) is None


@pytest.mark.parametrize("store", THAT_INSERT, indirect=True)  # the others' calls meet no faults
@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError"])
@pytest.mark.parametrize("times", [4, 5])
def test_what_passes_is_tried_again_but_not_for_ever(
    exposures: Exposures, met: Exposure, monkeypatch: pytest.MonkeyPatch, code: str, times: int
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    wanted = assignment(unit_id=met.event.unit_id)
    outcome = nullcontext() if times < ATTEMPTS else pytest.raises(ThrottledError)
    with fault(exposures.client, refusing_transactions(times, code), "TransactWriteItems"), outcome:
        assert exposures.assign(wanted, met)
    assert exposures.assign(wanted, met) is (times == ATTEMPTS)
