"""Units of more events than one person makes: found once, counted for ever, and read no more."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fairsplit.domain.folding import fold
from fairsplit.domain.totals import NO_TOTALS
from fairsplit.services import attributing
from fairsplit.services.attributing import is_heavy
from tests.unit.aggregation.fake_units import ONE, World, attribution
from tests.unit.making import ORDERS, REVENUE, assignment, event, experiment


@pytest.fixture
def heavy_at_3(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attributing, "HEAVY_EVENTS", 3)


def test_a_unit_of_too_many_events_becomes_heavy_and_keeps_its_totals(world: World, heavy_at_3: None) -> None:
    attribution(world).fold_unit("u")
    before = world.unit().totals
    world.sent += [event(2), event(3), event(4)]
    attribution(world).fold_unit("u")
    assert (world.unit().heavy, world.unit().totals) == (True, before)


def test_a_unit_of_just_as_many_events_as_allowed_is_not_heavy(world: World, heavy_at_3: None) -> None:
    world.sent += [event(2), event(3)]
    attribution(world).fold_unit("u")
    assert not world.unit().heavy
    assert world.unit().totals == fold(assignment(), ONE, world.sent)


def test_a_heavy_units_events_are_read_no_more_and_it_stays_heavy(world: World) -> None:
    world.keep(assignment(heavy=True))
    attribution(world).fold_unit("u")
    assert world.calls == ["assignments", "experiments"]
    assert attribution(world).expected("u") == [(world.unit(), NO_TOTALS)]


def test_a_heavy_unit_follows_to_the_next_epoch(world: World) -> None:
    world.keep(assignment(heavy=True))
    world.known["a"] = experiment(ORDERS, epoch=2)
    attribution(world).fold_unit("u")
    assert world.unit() == replace(assignment(heavy=True), epoch=2, version=2)
    assert "events" not in world.calls


@pytest.mark.parametrize(("days", "heavy"), [(1, False), (60, False), (180, True)])
def test_totals_above_100_kilobytes_are_heavy(days: int, heavy: bool) -> None:
    one = experiment(*[REVENUE | {"key": f"m{number}"} for number in range(20)])
    sent = [event(24 * number, 1e9 - number) for number in range(days)]
    totals = fold(assignment(), one, sent)
    assert (len(json.dumps(totals.as_json())) > 100_000) is heavy
    assert is_heavy(sent, totals) is heavy
