"""Recounts over stores in memory: every unit moves to the new epoch, and what remains in the old one was wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from fairsplit.domain.aggregate import RowKey
from fairsplit.domain.moments import NOTHING
from fairsplit.domain.recount import Recount, RecountState
from fairsplit.services.recounting import DRAIN_AT_LEAST, LOOKS, PAGE, PASSES
from tests.unit.aggregation.fake_units import NOW, FakeIndex, World, attribution
from tests.unit.aggregation.recount_scene import FENCE, QUEUED, Scene
from tests.unit.making import ENTRY, assignment


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_recount_moves_every_unit_to_the_new_epoch(scene: Scene) -> None:
    done = scene.advance()
    assert (scene.units(1), scene.units(2)) == (0, 3)
    assert {item.epoch for item in scene.world.items.values()} == {2}
    assert (done.state, done.complete_epoch, done.walked, done.passes, done.drifted) == ("done", 2, 3, 1, False)


def test_a_finished_recount_has_counted_everything(scene: Scene) -> None:
    done = scene.advance()
    assert {recount.uncounted for recount in scene.recounts.saved[:-1]} == {QUEUED.uncounted}
    assert done.uncounted == frozenset()
    assert (done.finished_at, scene.recounts.read("a")) == (NOW, done)


def test_it_goes_through_its_states_in_their_order(scene: Scene) -> None:
    scene.advance()
    states = [recount.state for recount in scene.recounts.saved]
    assert list(dict.fromkeys(states)) == ["walking", "draining", "done"]
    assert [recount.walked for recount in scene.recounts.saved] == [0, 1, 3, 3, 3]
    assert scene.recounts.fences == {FENCE}


def test_a_recount_goes_on_where_it_stopped(scene: Scene) -> None:
    rounds = 0
    while scene.recounts.recount.is_running:
        scene.time_for = 2
        scene.advance()
        rounds += 1
    assert rounds > 2
    assert scene.world.calls.count("write") == 3
    assert scene.recounts.recount.walked == 3


def test_without_time_nothing_is_done(scene: Scene) -> None:
    scene.time_for = 0
    assert scene.advance() == QUEUED
    assert not scene.recounts.saved


@pytest.mark.parametrize("recount", [replace(QUEUED, state=RecountState.DONE), replace(QUEUED, epoch=1)])
def test_nothing_is_done_for_a_recount_that_is_through_or_of_another_epoch(scene: Scene, recount: Recount) -> None:
    scene.recounts.recount = recount
    assert scene.advance() == recount
    assert not scene.recounts.saved


def test_nothing_is_done_for_an_experiment_that_is_gone(scene: Scene) -> None:
    scene.world.known.clear()
    assert scene.advance() == QUEUED


def test_a_page_comes_again_when_the_store_was_busy(scene: Scene) -> None:
    scene.world.busy_units = {"u"}
    stopped = scene.advance()
    assert (stopped.state, stopped.walked) == ("walking", 1)
    scene.world.busy_units = set()
    assert (scene.advance().walked, scene.units(2)) == (3, 3)


def test_a_page_has_100_units(scene: Scene) -> None:
    scene.world.keep(*[assignment(unit_id=f"unit-{number:03}") for number in range(250)])
    scene.world.drain()
    scene.advance()
    walked = [recount.walked for recount in scene.recounts.saved if recount.state is RecountState.WALKING]
    assert max(after - before for before, after in pairwise(walked)) == PAGE == 100
    assert scene.units(2) == 253


def test_whoever_lost_the_lease_stops_and_says_how_it_stands(scene: Scene) -> None:
    scene.recounts.stolen_at = 2
    assert scene.advance().epoch == 3
    assert len(scene.recounts.saved) == 1


def test_it_waits_for_rollup_and_looks_again_in_the_next_round(scene: Scene) -> None:
    scene.pause = lambda: None
    waiting = scene.advance()
    assert (waiting.state, scene.pauses, scene.units(1)) == ("draining", LOOKS, 3)
    scene.world.drain()
    assert (scene.advance().drifted, scene.pauses) == (False, LOOKS)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("waited", "heartbeat", "is_running"),
    [
        (DRAIN_AT_LEAST, timedelta(), False),
        (DRAIN_AT_LEAST - SECOND, timedelta(), True),
        (DRAIN_AT_LEAST, -SECOND, True),
        (timedelta(days=1), None, True),
    ],
)
def test_what_has_not_come_in_ten_minutes_is_given_up_once_a_later_heartbeat_has(
    scene: Scene, waited: timedelta, heartbeat: timedelta | None, is_running: bool
) -> None:
    scene.pause = lambda: None
    scene.recounts.recount = replace(QUEUED, state=RecountState.DRAINING, walked=4, passes=PASSES, drained_from=NOW)
    scene.minutes = waited / timedelta(minutes=1)
    if heartbeat is not None:
        scene.world.rows.note_heartbeat(NOW + heartbeat, NOW + waited)
    assert scene.advance().is_running is is_running


def test_units_that_the_index_did_not_show_are_walked_in_another_pass(scene: Scene) -> None:
    hidden = FakeIndex(World(items={key: item for key, item in scene.world.items.items() if key[0] != "uu"}))
    waiting = scene.advance(index=hidden)
    assert (waiting.state, waiting.passes, waiting.walked, scene.units(1)) == ("draining", 1, 2, 1)
    scene.let_time_pass()
    done = scene.advance()
    assert (done.state, done.passes, done.walked, done.drifted, scene.units(1)) == ("done", 2, 3, False, 0)


def test_units_that_remain_in_the_old_epoch_after_three_passes_are_drift(scene: Scene) -> None:
    (key,) = scene.world.rows.stored
    row = scene.world.rows.stored[key]
    scene.world.rows.stored[key] = replace(row, moments=row.moments + row.moments)
    for number in range(1, PASSES + 1):
        waiting = scene.advance()
        assert (waiting.state, waiting.passes) == ("draining", number)
        scene.let_time_pass()
    done = scene.advance()
    assert (done.state, done.passes, done.drifted) == ("done", PASSES, True)


def test_what_an_earlier_recount_has_left_behind_is_not_found_again(scene: Scene) -> None:
    (row,) = scene.world.rows.stored.values()
    scene.world.rows.stored[RowKey("a", 0, ENTRY.date(), "other")] = replace(row, revision=9)
    done = scene.advance()
    assert (done.state, done.passes, done.drifted) == ("done", 1, False)


@pytest.mark.parametrize("lost", [{"moments": NOTHING, "steps": 1}, {"moments": NOTHING, "steps": -1}])
def test_steps_that_remain_are_drift_too(scene: Scene, lost: dict[str, int]) -> None:
    (row,) = scene.world.rows.stored.values()
    scene.world.rows.stored[RowKey("a", 1, ENTRY.date(), "other")] = replace(row, **lost)  # type: ignore[arg-type]
    assert scene.advance().is_running
    scene.let_time_pass()
    done = scene.advance()
    assert (done.state, done.passes, done.drifted) == ("done", 1, True)


def test_erased_units_of_the_old_epoch_are_no_drift(scene: Scene) -> None:
    scene.world.mark_erased(scene.world.unit("u"))
    scene.world.drain()
    scene.minutes = 11
    scene.recounts.recount = replace(QUEUED, state=RecountState.DRAINING, walked=3, drained_from=NOW, passes=1)
    for unit_id in ("uu", "uuu"):
        attribution(scene.world).fold_unit(unit_id)
    scene.world.rows.note_heartbeat(NOW, NOW)
    done = scene.advance()
    assert (done.state, done.drifted, scene.units(2)) == ("done", False, 2)


def test_a_unit_that_is_erased_during_the_recount_is_not_waited_for(scene: Scene) -> None:
    def erase() -> None:
        scene.world.mark_erased(scene.world.unit("uu"))
        scene.world.drain()

    scene.pause = erase
    assert (scene.advance().state, scene.units(2), scene.pauses) == ("done", 2, 1)
