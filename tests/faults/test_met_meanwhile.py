"""Exposures: who is erased does not come back, and what comes in between is not lost. Without its guard, each is so."""

from __future__ import annotations

from typing import Any

import pytest

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.job import Job, JobKind
from fairsplit.services.erasing import Erasing
from fairsplit.services.exposing import Exposing
from fairsplit.storage.erasing import ErasableAssignments, ErasableEvents
from fairsplit.storage.exposures import Exposures
from fairsplit.storage.jobs import Jobs
from fairsplit.storage.unit_index import UnitIndex
from tests.faults.interleaving import before_call
from tests.faults.scene import KEY, Scene

pytestmark = pytest.mark.engine
WALKER = "passer-by"
ALWAYS = "(attribute_exists(unit_id) OR attribute_not_exists(unit_id))"


def send(stage: Scene, kind: str, **fields: Any) -> None:
    """What the passer-by does."""
    event = {"unit_id": WALKER, "type": kind, "event_id": f"w{next(stage.numbers)}"} | fields
    stage.send("POST", "/v1/events", event)


def meet(stage: Scene) -> None:
    """The passer-by meets its variant."""
    asked = {"unit_id": WALKER, "experiments": [KEY], "record": False}
    (decision,) = stage.send("POST", "/v1/decisions", asked)["decisions"]
    send(stage, "$exposure", properties={"experiment": KEY, "variant": decision["variant"]})


def attribute(stage: Scene) -> None:
    """Bring the unit's exposures to attribution."""
    items = ErasableEvents(stage.client, stage.tables["EventsTable"]).keys_of(WALKER, 100)
    exposures = Exposures(stage.client, stage.tables["EventsTable"], stage.tables["AssignmentsTable"])
    exposing = Exposing(exposures, stage.attribution(), lambda: "nonce")
    assert not exposing.assign_all([(WALKER, key) for key in items if "#x" in key]).busy


def stored(stage: Scene) -> list[Assignment]:
    return ErasableAssignments(stage.client, stage.tables["AssignmentsTable"]).of_unit(WALKER)


def erase(stage: Scene, kind: type[Erasing] = Erasing) -> None:
    tables = stage.tables
    erasing = kind(
        ErasableAssignments(stage.client, tables["AssignmentsTable"]),
        ErasableEvents(stage.client, tables["EventsTable"]),
        UnitIndex(stage.client, tables["AssignmentsTable"]),
        Jobs(stage.client, tables["CatalogTable"]),
        lambda: True,
    )
    assert erasing.promise(Job(JobKind.ERASE_UNIT, WALKER, stage.world.now()))


class MarkingFirstAlone(Erasing):
    """Erasing that does not look again once the events are gone."""

    def _erase_unit(self, unit_id: str) -> bool:
        self._mark(unit_id)
        self.events.delete(unit_id, self.events.keys_of(unit_id, 100))
        self._delete_marked(unit_id)
        return True


@pytest.mark.parametrize(("is_guarded", "count"), [(True, 0), (False, 1)])
def test_a_unit_that_is_erased_before_it_is_stored_stays_erased(
    stage: Scene, monkeypatch: pytest.MonkeyPatch, is_guarded: bool, count: int
) -> None:
    if not is_guarded:
        monkeypatch.setattr("fairsplit.storage.exposures.IS_THERE", ALWAYS)
    meet(stage)
    with before_call(stage.client, "TransactWriteItems", 1, lambda: stage.send("DELETE", f"/v1/units/{WALKER}")):
        attribute(stage)
    assert len(stored(stage)) == count


@pytest.mark.parametrize(("kind", "count"), [(Erasing, 0), (MarkingFirstAlone, 1)])
def test_a_unit_that_is_stored_before_its_exposure_is_deleted_is_erased_too(
    stage: Scene, kind: type[Erasing], count: int
) -> None:
    meet(stage)
    with before_call(stage.client, "BatchWriteItem", 1, lambda: attribute(stage)):
        erase(stage, kind)
    assert len(stored(stage)) == count


def test_an_event_that_comes_between_the_reading_and_the_insert_is_counted_by_the_insert(stage: Scene) -> None:
    def sell() -> None:
        send(stage, "purchase", value=3)
        assert not stage.attribution().fold_units([WALKER])  # which finds no assignment yet

    meet(stage)
    with before_call(stage.client, "TransactWriteItems", 1, sell):
        attribute(stage)
    (inserted,) = stored(stage)
    assert not stage.attribution().fold_units([WALKER], {WALKER: [inserted]})
    assert [len(one.totals.metrics) for one in (inserted, *stored(stage))] == [0, 2]  # revenue, and all events


def test_who_is_assigned_by_a_call_meanwhile_keeps_that_and_enters_with_the_exposure(stage: Scene) -> None:
    def assign() -> None:
        stage.send("PUT", f"/v1/experiments/{KEY}/assignments/{WALKER}")

    meet(stage)
    with before_call(stage.client, "TransactWriteItems", 1, assign):
        attribute(stage)
    (inserted,) = stored(stage)
    assert not stage.attribution().fold_units([WALKER], {WALKER: [inserted]})
    assert stored(stage)[0].entered_at < inserted.assigned_at == stored(stage)[0].assigned_at
