"""The end of a recount: what is still on its way is no drift, and what never comes does not keep it for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from fairsplit.domain.aggregate import Row, RowKey
from fairsplit.domain.moments import NOTHING
from fairsplit.domain.recount import RecountState
from fairsplit.services.recounting import LOOKS
from tests.unit.aggregation.fake_rows import FakeRows
from tests.unit.aggregation.fake_units import NOW, attribution
from tests.unit.aggregation.recount_scene import QUEUED, Scene
from tests.unit.making import ENTRY, assignment

OTHERS = ("vvvv", "vvvvv", "vvvvvv")


@pytest.fixture
def scene() -> Scene:
    """The streams stand still while the recount pauses."""
    scene = Scene()
    scene.pause = lambda: None
    return scene


def assign_in_the_new_epoch(scene: Scene) -> None:
    """As many units as the walk will find in the old one."""
    scene.world.keep(*[assignment(unit_id=unit_id, epoch=2) for unit_id in OTHERS])
    scene.world.drain()


def erase(scene: Scene) -> None:
    for unit_id in OTHERS:
        scene.world.mark_erased(scene.world.unit(unit_id))
        scene.world.delete(scene.world.unit(unit_id))
    scene.world.drain()


def check_that_it_waits(scene: Scene) -> None:
    waiting = scene.advance()
    assert (waiting.state, waiting.complete_epoch, scene.units(1)) == ("draining", 1, 3)
    scene.world.drain()
    done = scene.advance()
    assert (done.state, done.complete_epoch, done.passes, done.drifted) == ("done", 2, 1, False)
    assert scene.units(1) == 0


def test_units_that_were_erased_in_the_new_epoch_do_not_stand_for_those_on_their_way(scene: Scene) -> None:
    assign_in_the_new_epoch(scene)
    erase(scene)
    check_that_it_waits(scene)


def test_units_that_were_assigned_behind_the_walk_do_not_stand_for_those_on_their_way(scene: Scene) -> None:
    for unit_id in ("u", "uu", "uuu"):
        attribution(scene.world).fold_unit(unit_id)
    on_their_way, scene.world.stream = scene.world.stream, []
    assign_in_the_new_epoch(scene)
    scene.world.stream = on_their_way
    scene.recounts.recount = replace(QUEUED, state=RecountState.DRAINING, walked=3, passes=1, drained_from=NOW)
    check_that_it_waits(scene)


def test_a_unit_of_which_nothing_has_come_to_the_rows_yet_is_waited_for(scene: Scene) -> None:
    scene.pause = scene.world.drain
    scene.advance()
    scene.pause = lambda: None
    scene.world.keep(assignment(unit_id="uuuu"))
    attribution(scene.world).fold_unit("uuuu")
    scene.recounts.recount = replace(QUEUED, state=RecountState.DRAINING, walked=4, passes=1, drained_from=NOW)
    assert (scene.advance().state, scene.units(1), scene.units(2)) == ("draining", 0, 3)
    scene.world.drain()
    assert (scene.advance().drifted, scene.recounts.recount.state, scene.units(2)) == (False, "done", 4)


@dataclass
class OvertakenRows(FakeRows):
    """Rows to which everything comes, and a heartbeat, right behind the last look of a round."""

    scene: Scene = field(default_factory=Scene)
    reads: int = 0

    def rows(self, experiment: str, first_epoch: int, last_day: date | None = None) -> dict[RowKey, Row]:
        found = super().rows(experiment, first_epoch, last_day)
        self.reads += 1
        if self.reads == LOOKS:
            self.scene.let_time_pass()
        return found


def test_what_comes_with_the_heartbeat_behind_a_look_is_no_drift(scene: Scene) -> None:
    scene.world.rows = OvertakenRows(scene.world.rows.stored, scene=scene)
    done = scene.advance()
    assert (done.state, done.passes, done.drifted) == ("done", 1, False)


def steps_lost(row: Row) -> Row:
    return replace(row, moments=NOTHING, steps=1)


def units_lost(row: Row) -> Row:
    return replace(row, moments=NOTHING - row.moments, steps=-row.steps)


def units_counted_twice(row: Row) -> Row:
    return row


@pytest.mark.parametrize(("fault", "minutes"), [(steps_lost, 10), (units_lost, 10), (units_counted_twice, 30)])
def test_a_remainder_that_never_leaves_ends_the_recount_ten_minutes_after_a_walk(
    scene: Scene, fault: Callable[[Row], Row], minutes: int
) -> None:
    """Three walks where the old epoch has units left over: the index might have hidden them."""
    (row,) = scene.world.rows.stored.values()
    scene.world.rows.stored[RowKey("a", 1, ENTRY.date(), "other")] = fault(row)
    while scene.advance().is_running:
        scene.let_time_pass(5)
    done = scene.recounts.recount
    assert (done.drifted, done.complete_epoch, done.finished_at) == (True, 2, NOW + timedelta(minutes=minutes))
    assert (scene.units(2), done.uncounted) == (3, frozenset())
