"""A unit counts from its earliest exposure or its assignment, whatever comes in first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest

from tests.integration.experiments.making import EXPERIMENTS, move
from tests.integration.exposures.stage import Stage
from tests.traffic import ORDERS

pytestmark = pytest.mark.engine
Wait = Callable[[timedelta], None]


def test_events_count_from_the_exposure_on_and_not_from_before_it(stage: Stage) -> None:
    unit = stage.unit()
    stage.send(stage.order(unit, hours=4), stage.exposure(unit, hours=3), stage.order(unit, hours=2))
    assert stage.counted() == (1, 1)
    stage.send(stage.order(unit, hours=1), stage.order(unit, hours=5))
    assert stage.counted() == (1, 2)


def test_in_whatever_order_they_come_exposures_and_events_give_the_same(stage: Stage) -> None:
    for number, order in enumerate(permutations(range(4)), 1):
        unit = stage.unit()
        sent = [
            stage.order(unit, hours=30),
            stage.exposure(unit, hours=27),
            stage.order(unit, hours=3),
            stage.exposure(unit, hours=2),
        ]
        for place in order:
            stage.send(sent[place])
        assert stage.counted() == (number, number)


def test_an_earlier_exposure_moves_the_entry_and_not_the_assignment(stage: Stage) -> None:
    unit = stage.unit()
    told = stage.assign(unit)
    stage.send(stage.order(unit, hours=26))
    assert stage.counted() == (1, 0)
    stage.send(stage.exposure(unit, hours=27))
    assert stage.counted() == (1, 1)
    assert stage.stored(unit)["assigned_at"] == told["assigned_at"]


def test_the_unit_stands_on_the_day_of_its_entry(stage: Stage) -> None:
    unit = stage.unit()
    stage.assign(unit)
    stage.send(stage.exposure(unit, hours=27), stage.order(unit, hours=26))
    day = stage.text_of(27)[:10]
    (first,) = [one for one in stage.results(group_by="day")["timeseries"] if one["date"] == day]
    assert sum(one["new_units"] for one in first["variants"]) == 1
    assert stage.counted(last=day)[0] == 1


def test_a_range_that_is_read_from_units_has_the_same_numbers(stage: Stage) -> None:
    for hours in (47, 30, 2):
        unit = stage.unit()
        stage.assign(unit)
        stage.send(stage.exposure(unit, hours=hours), *[stage.order(unit, hours=one) for one in (46, 25, 1)])
    whole, from_units = stage.results(), stage.results(first="2020-01-01")
    assert (whole["source"], from_units["source"]) == ("aggregates", "units")
    assert whole["variants"] == from_units["variants"]
    assert stage.counted() == (3, 3 + 2 + 1)


def test_a_window_counts_from_the_entry(stage: Stage) -> None:
    short = ORDERS | {"window_hours": 2, "key": "orders"}
    stage.gateway.patch(f"{EXPERIMENTS}/{stage.key}", {"metrics": [short]})
    stage.pipeline.maintain()
    unit = stage.unit()
    stage.assign(unit)
    stage.send(*[stage.order(unit, hours=hours) for hours in (8.5, 7.5, 6.5, 5.5)])
    assert stage.counted() == (1, 0)
    stage.send(stage.exposure(unit, hours=8))
    assert stage.counted() == (1, 2)


def test_what_is_delivered_again_changes_nothing(stage: Stage) -> None:
    unit = stage.unit()
    stage.send(stage.exposure(unit, hours=3), stage.order(unit, hours=2))
    before = stage.stored(unit)
    for function in ("AttributionFunction", "RollupFunction"):
        stage.pipeline.deliver_again(function)
        stage.pipeline.drain()
    assert stage.counted() == (1, 1)
    assert stage.stored(unit) == before


def test_an_exposure_that_is_sent_again_counts_as_it_came_first(stage: Stage) -> None:
    unit = stage.unit()
    sent = stage.exposure(unit, hours=3)
    for again in (sent, sent | {"timestamp": stage.text_of(27)}, sent):
        stage.send(again, stage.order(unit, hours=26), stage.order(unit, hours=2))
    assert stage.counted() == (1, 3)


def test_an_id_of_an_exposure_and_of_an_event_counts_as_what_came_first(stage: Stage) -> None:
    unit, other = stage.unit(), stage.unit()
    stage.send(stage.exposure(unit, hours=3) | {"event_id": "x"}, stage.order(unit, hours=2) | {"event_id": "x"})
    stage.send(stage.order(unit, hours=2) | {"event_id": "x"})
    assert stage.counted() == (1, 0)
    stage.assign(other)
    stage.send(stage.order(other, hours=0) | {"event_id": "x"})
    stage.send(stage.exposure(other, hours=5) | {"event_id": "x"})
    assert stage.counted() == (2, 1)


def test_a_recount_and_a_completion_leave_the_numbers_as_they_are(stage: Stage, later: Wait) -> None:
    unit, mixed = stage.unit(), stage.unit()
    stage.assign(unit)
    stage.send(stage.order(unit, hours=26), stage.exposure(unit, hours=27), stage.order(unit, hours=1))
    stage.send(stage.exposure(mixed, hours=3, variant=stage.other_variant(mixed)))
    before = stage.results()
    stage.gateway.post(f"{EXPERIMENTS}/{stage.key}/recount")
    stage.pipeline.maintain()
    assert stage.results()["variants"] == before["variants"]
    move(stage.gateway, stage.key, "completed")
    later(timedelta(minutes=6))
    stage.pipeline.maintain()
    assert stage.results()["summary"]["recount"] is None
    assert (stage.counted(), stage.results()["summary"]["mixed_units"]) == ((1, 2), 1)


def test_the_daily_check_finds_what_was_folded(stage: Stage, later: Wait) -> None:
    unit, mixed = stage.unit(), stage.unit()
    stage.assign(unit)
    stage.send(stage.order(unit, hours=26), stage.exposure(unit, hours=27), stage.exposure(unit, hours=50))
    stage.send(stage.exposure(mixed, hours=3, variant=stage.other_variant(mixed)))
    for _ in range(3):
        later(timedelta(hours=13))
        stage.pipeline.maintain()
    seen = stage.pipeline.handlers["MaintenanceFunction"].__globals__
    check = seen["aggregates"].note(stage.key, "~check")
    assert (check["sampled"], check["drifted"]) == (2, False)
