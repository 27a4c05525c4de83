"""A sequential experiment with a planned end: one look a day, and what was shown at a look stands until the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import create_in, move
from tests.pipeline import Pipeline
from tests.traffic import comparison, enter, event, noon, results, send

pytestmark = pytest.mark.engine
DAY = timedelta(days=1)
METRICS = [
    {"key": "bought", "event_type": "purchase", "kind": "conversion", "role": "primary"},
    {"key": "revenue", "event_type": "purchase", "kind": "mean", "role": "secondary"},
]
Visit = Callable[[int, int, int], None]


@pytest.fixture
def later(pipeline: Pipeline) -> Iterator[Callable[[timedelta], None]]:
    """Sets the clock forward until the test ends."""

    def wait(time: timedelta) -> None:
        pipeline.shift += time

    yield wait
    pipeline.shift = timedelta()


@pytest.fixture
def key(gateway: Gateway) -> str:
    analysis = {"method": "sequential", "planned_units": 400, "correction": "none"}
    return str(create_in(gateway, "active", metrics=METRICS, analysis=analysis)["key"])


@pytest.fixture
def visit(gateway: Gateway, pipeline: Pipeline, key: str) -> Visit:
    """So many units more of each variant, of which so many buy."""
    known: list[str] = []

    def come(each: int, control: int, green: int) -> None:
        for variant, buyers in (("control", control), ("green", green)):
            units = [f"{key}-{len(known) + number}" for number in range(each)]
            known.extend(units)
            enter(gateway, key, dict.fromkeys(units, variant), noon(3))
            send(gateway, [event(unit, noon(2), value=10) for unit in units[:buyers]])
        pipeline.drain()

    return come


def bought(gateway: Gateway, key: str, **query: Any) -> Any:
    return comparison(results(gateway, key, **query), "bought", "green")


def codes(one: Any) -> list[str]:
    return [note["code"] for note in one["notes"]]


def test_before_the_first_look_nothing_is_judged(gateway: Gateway, key: str, visit: Visit) -> None:
    visit(50, 10, 20)
    one = bought(gateway, key)
    assert (one["p_value"], one["absolute"]["ci"], codes(one)) == (None, None, ["no_look_yet"])


def test_a_look_is_taken_once_a_day_and_stands_until_the_next(
    gateway: Gateway, pipeline: Pipeline, key: str, visit: Visit, later: Callable[[timedelta], None]
) -> None:
    visit(50, 10, 20)
    pipeline.maintain()
    first = bought(gateway, key)
    assert (first["method"], codes(first)[-1]) == ("group_sequential", "planned_look")
    assert "25 % of the planned units" in first["notes"][-1]["detail"]
    visit(50, 10, 30)
    pipeline.maintain()
    assert bought(gateway, key) == first
    later(DAY)
    pipeline.maintain()
    second = bought(gateway, key)
    assert second["p_value"] < first["p_value"]
    assert "50 % of the planned units" in second["notes"][-1]["detail"]


def test_early_bounds_are_wide_and_the_last_almost_as_one_look(
    gateway: Gateway, pipeline: Pipeline, key: str, visit: Visit, later: Callable[[timedelta], None]
) -> None:
    visit(50, 10, 22)
    pipeline.maintain()
    early, one_look = bought(gateway, key), bought(gateway, key, method="frequentist")
    assert one_look["p_value"] < 0.05 < early["p_value"]
    assert early["absolute"]["ci"][0] < 0 < one_look["absolute"]["ci"][0]
    visit(150, 30, 50)
    later(DAY)
    pipeline.maintain()
    last, one_look = bought(gateway, key), bought(gateway, key, method="frequentist")
    assert one_look["p_value"] < last["p_value"] < 1.1 * one_look["p_value"]


def test_a_bound_that_was_crossed_stays_crossed(
    gateway: Gateway, pipeline: Pipeline, key: str, visit: Visit, later: Callable[[timedelta], None]
) -> None:
    visit(100, 10, 50)
    pipeline.maintain()
    crossed = bought(gateway, key)
    assert crossed["significant"]
    visit(50, 45, 0)
    later(DAY)
    pipeline.maintain()
    assert bought(gateway, key) == crossed
    assert not bought(gateway, key, method="frequentist")["significant"]


def test_nothing_is_looked_at_behind_the_planned_end(
    gateway: Gateway, pipeline: Pipeline, key: str, visit: Visit, later: Callable[[timedelta], None]
) -> None:
    visit(200, 40, 44)
    pipeline.maintain()
    last = bought(gateway, key)
    visit(100, 0, 90)
    later(DAY)
    pipeline.maintain()
    assert bought(gateway, key) == last


def test_a_completed_experiment_is_looked_at_as_it_is(
    gateway: Gateway, pipeline: Pipeline, key: str, visit: Visit
) -> None:
    visit(50, 10, 20)
    pipeline.maintain()
    early = bought(gateway, key)
    visit(100, 20, 50)
    move(gateway, key, "completed")
    pipeline.drain()
    pipeline.maintain()
    final = bought(gateway, key)
    assert final["p_value"] < early["p_value"]
    assert "75 % of the planned units" in final["notes"][-1]["detail"]


def test_a_range_of_days_is_judged_at_any_time(gateway: Gateway, pipeline: Pipeline, key: str, visit: Visit) -> None:
    visit(50, 10, 20)
    pipeline.maintain()
    assert bought(gateway, key, first=noon(3).date())["method"] == "confidence_sequence"
    assert bought(gateway, key, method="bayesian")["method"] == "normal_posterior"


def test_a_metric_that_came_later_is_looked_at_from_then_on(
    gateway: Gateway, pipeline: Pipeline, key: str, visit: Visit, later: Callable[[timedelta], None]
) -> None:
    visit(50, 10, 20)
    pipeline.maintain()
    orders = {"key": "orders", "event_type": "purchase", "kind": "count", "role": "secondary"}
    gateway.patch(f"/v1/experiments/{key}", {"metrics": [*METRICS, orders]})
    for _ in range(3):
        pipeline.maintain()
    new = comparison(results(gateway, key), "orders", "green")
    assert (new["p_value"], codes(new)) == (None, ["no_look_yet"])
    assert codes(bought(gateway, key))[-1] == "planned_look"
    visit(10, 2, 4)
    later(DAY)
    pipeline.maintain()
    assert codes(comparison(results(gateway, key), "orders", "green"))[-1] == "planned_look"
