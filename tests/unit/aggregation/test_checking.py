"""The daily check over stores in memory: what it finds, and what it does not take for drift."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from fairsplit.domain.aggregate import RowKey
from fairsplit.domain.moments import NOTHING
from fairsplit.services import checking
from fairsplit.services.checking import LOOKS, SAMPLE, Checking, Finding
from tests.unit.aggregation.fake_units import NOW, FakeIndex, World, attribution
from tests.unit.making import assignment, event


@pytest.fixture
def world(world: World) -> World:
    """Units that were folded, and whose sums are in the rows."""
    world.keep(*[assignment(unit_id="u" * number) for number in range(2, 6)])
    attribution(world).fold_units([unit for unit, _ in world.items])
    world.drain()
    return world


def checking_of(world: World, pause: Callable[[], None] = lambda: None, parts: int = 1) -> Checking:
    return Checking(FakeIndex(world, parts), world.rows, lambda: attribution(world), pause, Random(1))


def look(world: World, epoch: int = 1) -> Finding:
    return checking_of(world).look("a", epoch)


def test_an_experiment_that_is_right_shows_nothing(world: World) -> None:
    before = dict(world.items)
    assert look(world) == Finding(sampled=5)
    assert not look(world)
    assert world.items == before


def test_totals_other_than_their_events_are_found(world: World) -> None:
    world.sent.append(event(2))
    assert look(world) == Finding(sampled=5, units={"u": world.unit("u").version})


def test_the_units_of_an_earlier_look_are_looked_at_again(world: World) -> None:
    world.sent.append(event(2))
    assert checking_of(world).look("a", 1, ["uu", "u"]) == Finding(sampled=2, units={"u": world.unit("u").version})


def test_totals_that_have_changed_since_are_no_drift(world: World) -> None:
    world.sent.append(event(2))
    before = look(world)
    attribution(world).fold_unit("u")
    world.drain()
    world.sent.append(event(3))
    assert look(world)
    assert not look(world).since(before)


def test_totals_that_are_as_wrong_as_before_are_drift(world: World) -> None:
    world.sent.append(event(2))
    assert look(world).since(look(world)) == look(world)


def test_other_experiments_of_the_unit_are_not_its_matter(world: World) -> None:
    world.known["b"] = world.known["a"].model_copy(update={"key": "b"})
    world.keep(assignment(experiment="b"))
    assert not look(world).units


def lose_sums(world: World) -> None:
    key, row = next(iter(world.rows.stored.items()))
    world.rows.stored[key] = replace(row, moments=NOTHING)


def lose_steps(world: World) -> None:
    key, row = next(iter(world.rows.stored.items()))
    world.rows.stored[key] = replace(row, steps=row.steps - 1)


@pytest.mark.parametrize("lose", [lose_sums, lose_steps])
def test_rows_apart_from_the_units_are_found(world: World, lose: Callable[[World], None]) -> None:
    lose(world)
    found = look(world)
    assert (found.units, bool(found.difference)) == ({}, True)
    assert look(world).since(found)


def test_rows_that_are_apart_by_another_difference_than_before_are_no_drift(world: World) -> None:
    world.keep(assignment(unit_id="new-1"))
    before = look(world)
    world.keep(assignment(unit_id="new-2"))
    assert look(world)
    assert not look(world).since(before)


def test_a_finding_can_be_kept_as_json(world: World) -> None:
    lose_sums(world)
    world.sent.append(event(2))
    found = look(world)
    assert Finding.from_json(json.loads(json.dumps(found.as_json()))) == found


@pytest.mark.parametrize(("sent", "has_come"), [(timedelta(), True), (timedelta(seconds=-1), False), (None, False)])
def test_the_streams_have_come_to_a_moment_when_a_later_heartbeat_has(
    world: World, sent: timedelta | None, has_come: bool
) -> None:
    if sent is not None:
        world.rows.note_heartbeat(NOW + sent, NOW)
    assert checking_of(world).has_come(NOW) is has_come


def test_it_waits_a_little_for_the_heartbeat(world: World) -> None:
    pauses: list[int] = []
    assert not checking_of(world, lambda: pauses.append(1)).has_come(NOW)
    assert len(pauses) == LOOKS
    assert checking_of(world, lambda: world.rows.note_heartbeat(NOW, NOW)).has_come(NOW)


def test_erased_units_are_no_drift(world: World) -> None:
    world.mark_erased(world.unit("u"))
    world.drain()
    assert not look(world)
    world.delete(world.unit("u"))
    world.drain()
    assert not look(world)


def test_rows_of_older_epochs_do_not_matter(world: World) -> None:
    lose_sums(world)
    world.known["a"] = world.known["a"].model_copy(update={"epoch": 2})
    attribution(world).fold_units([unit for unit, _ in world.items])
    world.drain()
    assert not look(world, epoch=2)
    assert look(world, epoch=1)


def test_a_large_experiment_is_sampled_and_its_sums_are_not_added_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "SMALL", 3)
    lose_sums(world)
    assert look(world) == Finding(sampled=5)


def test_fifty_units_at_most_are_folded_again(world: World) -> None:
    world.keep(*[assignment(unit_id=f"{'x' * (number % 16 + 1)}{number}") for number in range(300)])
    world.drain()
    assert checking_of(world, parts=16).look("a", 1).sampled == SAMPLE == 50


def test_an_experiment_without_units_has_nothing_to_check() -> None:
    assert look(World()) == Finding(0)


@pytest.fixture
def by_country(world: World) -> World:
    """The same units, of two countries and none."""
    world.known["a"] = world.known["a"].model_copy(update={"dimensions": ("country",)})
    for number, country in enumerate(["DE", "DE", "FR", None], 6):
        world.keep(assignment(unit_id="u" * number, dimensions={"country": country}))
    attribution(world).fold_units([unit for unit, _ in world.items])
    world.drain()
    return world


def look_by_country(world: World) -> Finding:
    return checking_of(world).look("a", 1, (), ["country"])


def a_row_by_country(world: World) -> RowKey:
    return next(key for key, row in world.rows.stored.items() if key.experiment == "a#country" and row.moments)


def test_sums_by_value_that_are_right_show_nothing(by_country: World) -> None:
    assert not look_by_country(by_country)


def test_rows_by_value_apart_from_the_units_are_found(by_country: World) -> None:
    key = a_row_by_country(by_country)
    lost = replace(by_country.rows.stored[key], moments=NOTHING)
    by_country.rows.stored[key] = lost
    assert not look(by_country)
    assert look_by_country(by_country)
    assert look_by_country(by_country).since(look_by_country(by_country))
    by_country.rows.stored[key] = replace(lost, overflow=True)
    assert not look_by_country(by_country)


def test_a_unit_whose_dimensions_are_not_those_declared_is_found(by_country: World) -> None:
    by_country.keep(assignment(unit_id="new", version=2))
    by_country.drain()
    assert not look(by_country)
    assert look_by_country(by_country)
    attribution(by_country).fold_unit("new")
    by_country.drain()
    assert not look_by_country(by_country)


def test_erased_units_are_no_drift_by_value_either(by_country: World) -> None:
    by_country.mark_erased(by_country.unit("u" * 6))
    by_country.drain()
    assert not look_by_country(by_country)
