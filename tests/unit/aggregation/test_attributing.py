"""Attribution over stores in memory: what is read in which order, and what is written when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fairsplit.domain.dimensions import Value
from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.folding import fold
from fairsplit.domain.totals import NO_TOTALS
from fairsplit.services.attributing import ATTEMPTS, HEAVY_EVENTS
from tests.unit.aggregation.fake_units import NOW, ONE, World, attribution
from tests.unit.making import ENTRY, ORDERS, VISITS, assignment, day, event, experiment, folded

OTHER = experiment(ORDERS, key="b", analysis={"cuped_days": 3})


def is_folded(world: World, one: Experiment = ONE) -> bool:
    """Whether the unit's totals are those of all its events by this experiment."""
    return world.unit().totals == fold(assignment(), one, world.sent)


def test_assignments_are_read_before_events_and_both_before_the_write(world: World) -> None:
    attribution(world).fold_unit("u")
    assert world.calls == ["assignments", "experiments", "events", "write"]
    assert is_folded(world)


def test_totals_that_stay_are_not_written(world: World) -> None:
    attribution(world).fold_unit("u")
    attribution(world).fold_unit("u")
    assert world.calls.count("write") == 1
    assert world.unit().version == 2


def test_a_unit_without_assignments_costs_one_read() -> None:
    world = World(sent=[event(1)])
    attribution(world).fold_unit("u")
    assert world.calls == ["assignments"]


def test_each_unit_of_a_batch_is_folded_once_and_each_experiment_read_once(world: World) -> None:
    world.keep(assignment(unit_id="v"))
    assert attribution(world).fold_units(["u", "v", "u"]) == set()
    assert [world.calls.count(name) for name in ("assignments", "experiments", "events")] == [2, 1, 2]


def test_all_assignments_of_a_unit_are_folded_from_one_reading_of_its_events(world: World) -> None:
    world.known["b"] = OTHER
    world.keep(assignment(experiment="b", assigned_at=ENTRY + timedelta(days=2)))
    attribution(world).fold_unit("u")
    assert world.asked == [(day(-30 - 14), day(6), HEAVY_EVENTS + 1)]
    assert world.unit("u", "b").totals == fold(world.unit("u", "b"), OTHER, world.sent) != NO_TOTALS


@pytest.mark.parametrize(("started", "first"), [(-20, -23), (0, -3), (1, -3), (None, -3)])
def test_only_the_days_that_can_count_are_read(world: World, started: int | None, first: int) -> None:
    """From the start on, for an exposure may be there; to a day after the completion, for those that came too late."""
    dates = {"started_at": started if started is None else ENTRY + timedelta(days=started)}
    dates["completed_at"] = ENTRY + timedelta(days=1)
    world.known["a"] = experiment(ORDERS, analysis={"cuped_days": 3}, **dates)
    attribution(world).fold_unit("u")
    assert world.asked == [(day(first), day(2), HEAVY_EVENTS + 1)]


def test_a_loser_reads_everything_again_the_experiment_too(world: World) -> None:
    changed = experiment(ORDERS, VISITS, epoch=2)

    def somebody_else() -> None:
        world.before_write = lambda: None
        world.known["a"] = changed
        world.sent.append(event(2, kind="visit"))
        world.touch()

    world.before_write = somebody_else
    attribution(world).fold_unit("u")
    assert world.calls == ["assignments", "experiments", "events", "write"] * 2
    assert is_folded(world, changed)
    assert world.unit().epoch == 2


def test_who_loses_each_time_gives_the_batch_back(world: World) -> None:
    world.before_write = world.touch
    with pytest.raises(ThrottledError):
        attribution(world).fold_unit("u")
    assert world.calls.count("write") == ATTEMPTS


def test_busy_units_come_again_and_the_others_are_folded(world: World) -> None:
    world.busy_units = {"v"}
    assert attribution(world).fold_units(["v", "u"]) == {"v"}
    assert is_folded(world)


def test_other_errors_are_not_taken_for_a_busy_store(world: World) -> None:
    def fail() -> None:
        raise KeyError("a fault of ours")

    world.before_write = fail
    with pytest.raises(KeyError):
        attribution(world).fold_units(["u"])


def test_a_newer_epoch_than_ours_is_not_overwritten(world: World) -> None:
    """The experiment that this batch knows is older than the one the unit was folded by."""
    world.keep(assignment(epoch=2))
    ours = attribution(world)
    ours.known["a"] = ONE
    world.known["a"] = experiment(VISITS, epoch=2)
    world.sent.append(event(2, kind="visit"))
    ours.fold_unit("u")
    assert world.calls == ["assignments", "events", "assignments", "experiments", "events", "write"]
    assert is_folded(world, world.known["a"])


def test_the_same_totals_under_a_newer_epoch_are_written_and_under_ours_are_not(world: World) -> None:
    world.known["a"] = experiment(ORDERS, epoch=3)
    world.keep(folded(ONE, world.sent))
    attribution(world).fold_unit("u")
    assert (world.unit().epoch, world.calls.count("write")) == (3, 1)


@pytest.mark.parametrize(("days", "is_left_alone"), [(89.9, False), (90.1, True)])
def test_ninety_days_after_completion_nothing_is_folded(world: World, days: float, is_left_alone: bool) -> None:
    world.known["a"] = experiment(ORDERS, completed_at=NOW - timedelta(days=days))
    attribution(world).fold_unit("u")
    assert (world.calls == ["assignments", "experiments"]) is is_left_alone


def test_an_item_that_is_erased_or_of_no_experiment_is_left_alone(world: World) -> None:
    world.keep(assignment(erased=True), assignment(experiment="gone"))
    attribution(world).fold_unit("u")
    assert world.calls == ["assignments", "experiments"]


def test_an_erased_item_is_left_alone_where_its_experiment_is_known_already(world: World) -> None:
    world.keep(assignment(unit_id="v", erased=True))
    world.sent.append(replace(event(1), unit_id="v"))
    assert attribution(world).fold_units(["u", "v"]) == set()
    assert world.calls.count("write") == 1


def test_an_erased_item_does_not_keep_the_others_from_being_folded(world: World) -> None:
    world.known["b"] = OTHER
    world.keep(assignment(experiment="b", erased=True))
    attribution(world).fold_unit("u")
    assert is_folded(world)


def test_what_is_expected_is_folded_and_not_written(world: World) -> None:
    ((item, totals),) = attribution(world).expected("u")
    assert (item.totals, totals) == (NO_TOTALS, fold(assignment(), ONE, world.sent))
    assert "write" not in world.calls


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({}, {"country": None}),
        ({"device": "pc"}, {"country": None}),
        ({"country": "DE", "device": 1}, {"country": "DE"}),
    ],
)
def test_a_units_dimensions_become_those_that_are_declared(
    world: World, stored: dict[str, Value], expected: dict[str, Value]
) -> None:
    world.known["a"] = world.known["a"].model_copy(update={"dimensions": ("country",)})
    world.keep(assignment(dimensions=stored))
    attribution(world).fold_unit("u")
    attribution(world).fold_unit("u")
    assert (world.unit().dimensions, world.calls.count("write")) == (expected, 1)


def test_dimensions_that_are_those_declared_are_not_written(world: World) -> None:
    world.known["a"] = world.known["a"].model_copy(update={"dimensions": ("country", "device")})
    world.sent.clear()
    world.keep(assignment(dimensions={"device": None, "country": "DE"}))
    attribution(world).fold_unit("u")
    assert "write" not in world.calls
