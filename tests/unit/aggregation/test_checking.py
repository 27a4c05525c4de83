"""The daily check over stores in memory: what it finds, and what it does not take for drift."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from fairsplit.domain.moments import NOTHING
from fairsplit.services import checking
from fairsplit.services.checking import LOOKS, SAMPLE, Checking, Finding
from tests.unit.aggregation.fake_units import FakeIndex, World, attribution
from tests.unit.making import assignment, event


@pytest.fixture
def world(world: World) -> World:
    """Units that were folded, and whose sums are in the rows."""
    world.keep(*[assignment(unit_id="u" * number) for number in range(2, 6)])
    attribution(world).fold_units([unit for unit, _ in world.items])
    world.drain()
    return world


def check(world: World, pause: Callable[[], None] = lambda: None, epoch: int = 1) -> Finding:
    return Checking(FakeIndex(world), world.rows, lambda: attribution(world), pause, Random(1)).check("a", epoch)


def test_an_experiment_that_is_right_shows_no_drift(world: World) -> None:
    before = dict(world.items)
    assert check(world) == Finding(sampled=5, totals_differ=0, sums_differ=False)
    assert not check(world).drifted
    assert world.items == before


def test_totals_that_stay_other_than_their_events_are_found(world: World) -> None:
    world.sent.append(event(2))
    found = check(world)
    assert (found.totals_differ, found.sums_differ, found.drifted) == (1, False, True)


def test_totals_that_come_right_while_it_looks_are_no_drift(world: World) -> None:
    world.sent.append(event(2))

    def come_right() -> None:
        attribution(world).fold_unit("u")
        world.drain()

    assert not check(world, come_right).drifted


def test_other_experiments_of_the_unit_are_not_its_matter(world: World) -> None:
    world.known["b"] = world.known["a"].model_copy(update={"key": "b"})
    world.keep(assignment(experiment="b"))
    assert check(world).totals_differ == 0


def lose_sums(world: World) -> None:
    key, row = next(iter(world.rows.stored.items()))
    world.rows.stored[key] = replace(row, moments=NOTHING)


def lose_steps(world: World) -> None:
    key, row = next(iter(world.rows.stored.items()))
    world.rows.stored[key] = replace(row, steps=row.steps - 1)


@pytest.mark.parametrize("lose", [lose_sums, lose_steps])
def test_rows_that_stay_apart_from_the_units_are_found(world: World, lose: Callable[[World], None]) -> None:
    lose(world)
    pauses: list[int] = []
    assert check(world, lambda: pauses.append(1)).sums_differ
    assert len(pauses) == LOOKS


def test_rows_that_come_right_while_it_looks_are_no_drift(world: World) -> None:
    world.keep(assignment(unit_id="new"))
    assert not check(world, world.drain).drifted


def test_rows_that_are_behind_by_another_difference_each_time_are_no_drift(world: World) -> None:
    numbers = iter(range(100))
    assert not check(world, lambda: world.keep(assignment(unit_id=f"new-{next(numbers)}"))).sums_differ


def test_erased_units_are_no_drift(world: World) -> None:
    world.mark_erased(world.unit("u"))
    world.drain()
    assert not check(world).drifted
    world.delete(world.unit("u"))
    world.drain()
    assert not check(world).drifted


def test_rows_of_older_epochs_do_not_matter(world: World) -> None:
    lose_sums(world)
    world.known["a"] = world.known["a"].model_copy(update={"epoch": 2})
    attribution(world).fold_units([unit for unit, _ in world.items])
    world.drain()
    assert not check(world, epoch=2).drifted
    assert check(world, epoch=1).drifted


def test_a_large_experiment_is_sampled_and_its_sums_are_not_added_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "SMALL", 3)
    lose_sums(world)
    assert check(world) == Finding(sampled=5, totals_differ=0, sums_differ=False)


def test_fifty_units_at_most_are_folded_again(world: World) -> None:
    index = FakeIndex(world, parts=16)
    world.keep(*[assignment(unit_id=f"{'x' * (number % 16 + 1)}{number}") for number in range(300)])
    world.drain()
    found = Checking(index, world.rows, lambda: attribution(world), lambda: None, Random(1)).check("a", 1)
    assert found.sampled == SAMPLE == 50


def test_an_experiment_without_units_has_nothing_to_check() -> None:
    assert check(World()) == Finding(0, 0, sums_differ=False)
