"""Attribution's guards: what another process does in between is never overwritten. Without its guard, each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.entry import span
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.totals import NO_TOTALS
from fairsplit.services.attributing import Attribution
from fairsplit.storage import unit_totals
from tests.faults.interleaving import before_call
from tests.faults.scene import DAYS, DOUBLE, KEY, UNIT, Scene

pytestmark = pytest.mark.engine


def without(monkeypatch: pytest.MonkeyPatch, guard: str, always: str) -> None:
    """Take one guard out of the write's condition; `always` holds whatever is stored."""
    assert guard in unit_totals.GUARD
    monkeypatch.setattr(unit_totals, "GUARD", unit_totals.GUARD.replace(guard, always))


class EventsFirst(Attribution):
    """The wrong order of reading."""

    def _fold_once(self, unit_id: str, items: Sequence[Assignment]) -> bool:
        pairs = self._foldable(items)  # to know the days
        first = min(span(item, experiment).start for item, experiment in pairs)
        events = self.events.between(unit_id, day_of(first), day_of(self.now + DAYS), limit=100)
        pairs = self._foldable(self.assignments.of_unit(unit_id))
        return all(self._write(item, experiment, events) for item, experiment in pairs)


@pytest.mark.parametrize(("order", "query", "revenue"), [(Attribution, 2, 3), (EventsFirst, 3, 1)])
def test_assignments_are_read_before_events(stage: Scene, order: type[Attribution], query: int, revenue: float) -> None:
    with before_call(stage.client, "Query", query, lambda: stage.sell_and_fold(2)):
        stage.attribution(order).fold_units([UNIT])
    assert stage.revenue() == revenue


@pytest.mark.parametrize(("is_guarded", "revenue"), [(True, 7), (False, 5)])
def test_a_fold_of_fewer_events_does_not_overwrite_a_later_one(
    stage: Scene, monkeypatch: pytest.MonkeyPatch, is_guarded: bool, revenue: float
) -> None:
    if not is_guarded:
        without(monkeypatch, "version = :read", "(version = :read OR version <> :read)")
    stage.sell(4)
    with before_call(stage.client, "UpdateItem", 1, lambda: stage.sell_and_fold(2)):
        stage.fold()
    assert stage.revenue() == revenue


def test_newer_metrics_are_not_overwritten_by_who_still_knows_the_older(stage: Scene) -> None:
    attribution = stage.attribution()
    attribution.known.update(stage.experiments.read_many([KEY]))
    stage.send("PATCH", f"/v1/experiments/{KEY}", {"metrics": [DOUBLE]})
    stage.sell_and_fold(2)
    attribution.fold_units([UNIT])
    assert stage.attribution().expected(UNIT)[0][1] == stage.attribution().assignments.of_unit(UNIT)[0].totals


@pytest.mark.parametrize("is_guarded", [True, False])
def test_the_store_refuses_totals_of_an_older_epoch(
    stage: Scene, monkeypatch: pytest.MonkeyPatch, is_guarded: bool
) -> None:
    if not is_guarded:
        without(monkeypatch, "epoch <= :epoch", "(epoch <= :epoch OR epoch > :epoch)")
    stage.send("PATCH", f"/v1/experiments/{KEY}", {"metrics": [DOUBLE]})
    stage.fold()
    store = stage.attribution().assignments
    (item,) = store.of_unit(UNIT)
    assert store.write_totals(item, item.totals, heavy=False, epoch=1) is not is_guarded


@pytest.mark.parametrize(("is_guarded", "revenue"), [(True, 0), (False, 5)])
def test_what_was_erased_does_not_come_back_in_the_units_next_assignment(
    stage: Scene, monkeypatch: pytest.MonkeyPatch, is_guarded: bool, revenue: float
) -> None:
    def erase_and_assign_again() -> None:
        stage.send("DELETE", f"/v1/units/{UNIT}")
        stage.world.other.start()
        stage.assign()
        stage.fold()  # nothing to fold: the new item stays at the version of the old one's write

    stage.world.other.start()
    stage.send("DELETE", f"/v1/units/{UNIT}")
    stage.world.other.start()
    stage.assign()
    stage.sell(5)
    if not is_guarded:
        without(
            monkeypatch, "incarnation = :incarnation", "(incarnation = :incarnation OR incarnation <> :incarnation)"
        )
    with before_call(stage.client, "UpdateItem", 1, erase_and_assign_again):
        stage.fold()
    assert stage.revenue() == revenue


def test_the_insert_that_comes_again_late_overwrites_nothing(stage: Scene) -> None:
    (item,) = stage.attribution().assignments.of_unit(UNIT)
    stage.sell(2)
    inserted = replace(item, totals=NO_TOTALS, version=1)
    assert not stage.attribution().fold_units([UNIT], {UNIT: [inserted]})
    assert stage.revenue() == 3
