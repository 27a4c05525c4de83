"""Erasure over stores in memory: in an order that survives a crash, and in slices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import pytest

from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.job import Job, JobKind
from fairsplit.services.erasing import ATTEMPTS, EVENTS_AT_ONCE, Erasing
from tests.unit.aggregation.fake_units import NOW, FakeEvents, FakeIndex, FakeJobs, World
from tests.unit.making import assignment

ERASE = Job(JobKind.ERASE_UNIT, "u", NOW)
REMOVE = Job(JobKind.REMOVE_EXPERIMENT, "a", NOW)


@dataclass
class Scene:
    """A unit in two experiments with 250 items of events, and another unit."""

    world: World = field(default_factory=World)
    jobs: FakeJobs = field(default_factory=FakeJobs)
    time_for: int = 1_000

    def __post_init__(self) -> None:
        self.world.keep(assignment(), assignment(experiment="b"), assignment(unit_id="v"))
        self.events = FakeEvents(self.world, {"u": [f"key-{number}" for number in range(250)], "v": ["key"]})

    def erasing(self) -> Erasing:
        return Erasing(self.world, self.events, FakeIndex(self.world), self.jobs, self.has_time)

    def has_time(self) -> bool:
        self.time_for -= 1
        return self.time_for >= 0

    def drained(self, name: str) -> int:
        """How many units the rows count in that way."""
        self.world.drain()
        return sum(row.moments.units(name) for row in self.world.rows.stored.values())


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_an_erased_unit_has_neither_assignments_nor_events(scene: Scene) -> None:
    assert scene.erasing().promise(ERASE)
    assert list(scene.world.items) == [("v", "a")]
    assert scene.events.left == {"u": [], "v": ["key"]}


def test_marks_come_first_then_the_events_go_and_the_items_last(scene: Scene) -> None:
    scene.erasing().promise(ERASE)
    steps = [name for name in scene.world.calls if name != "assignments"]
    assert steps == ["mark", "mark", *["delete events"] * 3, "delete", "delete"]


def test_the_counts_follow_and_the_number_of_erased_units_stays(scene: Scene) -> None:
    assert scene.drained("units") == 3
    scene.erasing().promise(ERASE)
    assert (scene.drained("units"), scene.drained("erased")) == (1, 2)


def test_a_job_is_noted_before_anything_and_gone_when_it_is_done(scene: Scene) -> None:
    scene.world.busy_units = {"u"}
    with pytest.raises(ThrottledError):
        scene.erasing().promise(ERASE)
    assert scene.jobs.jobs == [ERASE]
    scene.world.busy_units = set()
    assert scene.erasing().go_on(ERASE)
    assert scene.jobs.jobs == []


def test_a_long_erasure_stops_in_time_and_goes_on(scene: Scene) -> None:
    scene.time_for = 1
    assert not scene.erasing().promise(ERASE)
    assert (len(scene.events.left["u"]), scene.jobs.jobs) == (250 - EVENTS_AT_ONCE, [ERASE])
    assert scene.world.unit().erased
    scene.time_for = 10
    assert scene.erasing().go_on(ERASE)
    assert (scene.drained("units"), scene.drained("erased")) == (1, 2)


def test_what_was_done_may_be_done_again(scene: Scene) -> None:
    scene.erasing().promise(ERASE)
    assert scene.erasing().promise(ERASE)
    assert scene.drained("erased") == 2


def test_a_mark_that_loses_a_race_is_tried_again(scene: Scene) -> None:
    scene.world.races = 2
    assert scene.erasing().promise(ERASE)
    assert list(scene.world.items) == [("v", "a")]


def test_who_is_assigned_while_its_events_go_is_erased_too(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """By an exposure that was still there."""

    def delete(unit_id: str, keys: Collection[str]) -> None:
        if "key-0" in keys:
            scene.world.keep(assignment(experiment="met"))
        FakeEvents.delete(scene.events, unit_id, keys)

    monkeypatch.setattr(scene.events, "delete", delete)
    assert scene.erasing().promise(ERASE)
    assert list(scene.world.items) == [("v", "a")]
    assert (scene.drained("units"), scene.drained("erased")) == (1, 3)


def test_all_are_marked_that_can_be_although_one_loses(scene: Scene) -> None:
    def be_faster() -> None:
        scene.world.before_write = lambda: None
        scene.world.keep(replace(scene.world.unit(), version=2))

    scene.world.before_write = be_faster
    scene.erasing().promise(ERASE)
    assert scene.world.calls[:5] == ["assignments", "mark", "mark", "assignments", "mark"]
    assert list(scene.world.items) == [("v", "a")]


def test_an_erasure_that_loses_each_time_stays_promised(scene: Scene) -> None:
    scene.world.before_write = scene.world.touch
    with pytest.raises(ThrottledError):
        scene.erasing().promise(ERASE)
    assert scene.world.calls.count("assignments") == ATTEMPTS
    assert scene.jobs.jobs == [ERASE]


def test_a_removed_experiment_has_no_units_left_and_their_events_stay(scene: Scene) -> None:
    assert scene.erasing().promise(REMOVE)
    assert list(scene.world.items) == [("u", "b")]
    assert [len(keys) for keys in scene.events.left.values()] == [250, 1]


def test_a_long_removal_stops_in_time_and_goes_on(scene: Scene) -> None:
    scene.time_for = 1
    assert not scene.erasing().promise(REMOVE)
    assert len(scene.world.items) == 2
    scene.time_for = 10
    assert scene.erasing().go_on(REMOVE)
    assert (list(scene.world.items), scene.jobs.jobs) == ([("u", "b")], [])
