"""What results advise: from the first unit to the end of an experiment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import create_in, move
from tests.pipeline import Pipeline
from tests.traffic import enter, event, noon, results, send

pytestmark = pytest.mark.engine
BOUGHT = {"key": "bought", "event_type": "purchase", "kind": "conversion", "role": "primary"}
ERRORS = {
    "key": "errors", "event_type": "error", "kind": "count", "role": "guardrail", "direction": "decrease",
    "margin": 0.5,
}  # fmt: skip
ANY_TIME = {"method": "sequential", "expected_units": 200}
Later = Callable[[float], None]


@pytest.fixture
def later(pipeline: Pipeline) -> Iterator[Later]:
    """Sets the clock forward by days until the test ends."""

    def wait(days: float) -> None:
        pipeline.shift += timedelta(days=days)

    yield wait
    pipeline.shift = timedelta()


def run(
    gateway: Gateway,
    pipeline: Pipeline,
    bought: dict[str, tuple[int, int]],
    *,
    errors: dict[str, int] | None = None,
    **fields: Any,
) -> str:
    """An experiment whose variants have so many units, of which so many buy, and so many have an error."""
    variants = [{"key": key, "weight": 100 / len(bought)} for key in bought]
    key = str(create_in(gateway, "active", **{"variants": variants, "metrics": [BOUGHT]} | fields)["key"])
    for variant, (amount, buyers) in bought.items():
        units = [f"{key}-{variant}-{number}" for number in range(amount)]
        enter(gateway, key, dict.fromkeys(units, variant), noon(3))
        send(gateway, [event(unit, noon(2)) for unit in units[:buyers]])
        send(gateway, [event(unit, noon(2), "error") for unit in units[: (errors or {}).get(variant, 0)]])
    pipeline.drain()
    return key


def advice(gateway: Gateway, key: str, **query: Any) -> tuple[str | None, str | None, str]:
    """The decision, the winner, and all reasons in one text."""
    summary = results(gateway, key, **query)["summary"]
    return summary["decision"], summary["winner"], " ".join(summary["reasons"])


def test_a_draft_has_no_decision(gateway: Gateway) -> None:
    key = create_in(gateway, "draft", metrics=[BOUGHT])["key"]
    assert advice(gateway, key) == (None, None, "")


def test_without_units_it_keeps_running(gateway: Gateway) -> None:
    key = create_in(gateway, "active", metrics=[BOUGHT])["key"]
    decision, _, reasons = advice(gateway, key)
    assert (decision, "No units are in yet" in reasons) == ("keep_running", True)


def test_what_is_better_ships_after_seven_full_days(gateway: Gateway, pipeline: Pipeline, later: Later) -> None:
    key = run(gateway, pipeline, {"control": (80, 16), "green": (80, 56)}, analysis=ANY_TIME)
    decision, _, reasons = advice(gateway, key)
    assert (decision, "0 of 7 full days" in reasons) == ("keep_running", True)
    later(6.9)
    assert advice(gateway, key)[0] == "keep_running"
    later(0.2)
    decision, winner, reasons = advice(gateway, key)
    assert (decision, winner) == ("ship", "green")
    assert "`green` raises bought by 250 %" in reasons


def test_one_look_waits_for_its_units(gateway: Gateway, pipeline: Pipeline, later: Later) -> None:
    key = run(gateway, pipeline, {"control": (80, 16), "green": (80, 56)})
    later(8)
    decision, _, reasons = advice(gateway, key)
    needed = results(gateway, key)["summary"]["progress"]["units_needed"]
    assert decision == "keep_running"
    assert f"160 of {needed:,} units are in" in reasons
    planned = run(gateway, pipeline, {"control": (80, 16), "green": (80, 56)}, analysis={"planned_units": 160})
    later(8)
    assert advice(gateway, planned)[:2] == ("ship", "green")


def test_what_is_worse_stops(gateway: Gateway, pipeline: Pipeline) -> None:
    key = run(gateway, pipeline, {"control": (80, 56), "green": (80, 16)}, analysis=ANY_TIME)
    decision, winner, reasons = advice(gateway, key)
    assert (decision, winner) == ("stop", None)
    assert "`green` lowers bought" in reasons


def test_a_guardrail_that_fails_stops(gateway: Gateway, pipeline: Pipeline) -> None:
    key = run(
        gateway, pipeline, {"control": (80, 16), "green": (80, 56)}, errors={"control": 10, "green": 70},
        metrics=[BOUGHT, ERRORS],
    )  # fmt: skip
    decision, _, reasons = advice(gateway, key)
    assert (decision, "errors" in reasons) == ("stop", True)


def test_one_bad_treatment_does_not_stop_another(gateway: Gateway, pipeline: Pipeline, later: Later) -> None:
    bought = {"control": (90, 30), "green": (90, 80), "blue": (90, 2)}
    variants = [{"key": "control", "weight": 34}, {"key": "green", "weight": 33}, {"key": "blue", "weight": 33}]
    key = run(gateway, pipeline, bought, variants=variants, analysis=ANY_TIME)
    later(8)
    decision, winner, reasons = advice(gateway, key)
    assert (decision, winner) == ("ship", "green")
    assert "`blue` lowers bought" in reasons


def test_a_small_interval_around_nothing_is_no_effect(gateway: Gateway, pipeline: Pipeline, later: Later) -> None:
    analysis = {"planned_units": 160, "mde": 0.9}
    key = run(gateway, pipeline, {"control": (80, 40), "green": (80, 41)}, analysis=analysis)
    later(8)
    decision, _, reasons = advice(gateway, key)
    assert (decision, "90 %" in reasons) == ("no_effect", True)


def test_a_wrong_split_is_to_be_looked_into_first(gateway: Gateway, pipeline: Pipeline) -> None:
    key = run(gateway, pipeline, {"control": (300, 60), "green": (120, 100)}, analysis=ANY_TIME)
    decision, winner, reasons = advice(gateway, key)
    assert (decision, winner) == ("investigate", None)
    assert "split" in reasons


def test_the_decision_is_over_everything_whatever_is_asked_for(
    gateway: Gateway, pipeline: Pipeline, later: Later
) -> None:
    orders = {"key": "orders", "event_type": "purchase", "kind": "count"}
    key = run(gateway, pipeline, {"control": (80, 16), "green": (80, 56)}, metrics=[BOUGHT, orders], analysis=ANY_TIME)
    later(8)
    assert advice(gateway, key, metric="orders", variant="control") == advice(gateway, key)


def test_progress_goes_by_the_pace_of_full_days(gateway: Gateway, pipeline: Pipeline, later: Later) -> None:
    analysis = {"planned_units": 320, "cuped_days": 0}
    key = str(create_in(gateway, "active", metrics=[BOUGHT], analysis=analysis)["key"])
    later(4)
    units = {f"{key}-{number}": ("control", "green")[number % 2] for number in range(160)}
    enter(gateway, key, units, pipeline.now() - timedelta(days=1))
    pipeline.drain()
    progress = results(gateway, key)["summary"]["progress"]
    expected = {"units_needed": 320, "units_now": 160, "days_left": 3, "notes": [], "mde_now": None}
    assert progress == expected  # 160 in 3 days; of conversions there are none
    later(200)
    progress = results(gateway, key)["summary"]["progress"]
    assert (progress["days_left"], [note["code"] for note in progress["notes"]]) == (None, ["not_reachable"])


def test_a_look_back_goes_by_the_pace_of_then(gateway: Gateway, pipeline: Pipeline, later: Later) -> None:
    analysis = {"planned_units": 320, "cuped_days": 0}
    key = str(create_in(gateway, "active", metrics=[BOUGHT], analysis=analysis)["key"])
    later(4)
    enter(gateway, key, {f"{key}-{number}": "green" for number in range(40)}, pipeline.now() - timedelta(days=1))
    pipeline.drain()
    then = (pipeline.now() - timedelta(days=1)).date()
    later(30)
    assert results(gateway, key, last=then)["summary"]["progress"]["days_left"] == 21  # 280 at 40 in 3 days


def test_a_variant_without_weight_does_not_keep_the_others_waiting(gateway: Gateway, pipeline: Pipeline) -> None:
    variants = [{"key": "control", "weight": 50}, {"key": "green", "weight": 50}, {"key": "off", "weight": 0}]
    bought = {"control": (80, 56), "green": (80, 16)}
    key = run(gateway, pipeline, bought, variants=variants, analysis=ANY_TIME)
    assert advice(gateway, key)[0] == "stop"


def test_an_experiment_that_has_ended_says_so(gateway: Gateway, pipeline: Pipeline) -> None:
    key = run(gateway, pipeline, {"control": (80, 40), "green": (80, 43)})
    move(gateway, key, "completed")
    pipeline.drain()
    decision, _, reasons = advice(gateway, key)
    assert (decision, "has ended" in reasons) == ("keep_running", True)


def test_the_smallest_lift_that_is_found_now_shrinks_with_the_units(gateway: Gateway, pipeline: Pipeline) -> None:
    few, many = (
        results(gateway, run(gateway, pipeline, {"control": (size, size // 2), "green": (size, size // 2)}))["summary"]
        for size in (50, 200)
    )
    one, other = few["progress"]["mde_now"], many["progress"]["mde_now"]
    assert one == pytest.approx(2 * other, rel=0.02)
    assert other == pytest.approx((1.96 + 0.8416) * (2 * 0.25 / 200) ** 0.5 / 0.5, rel=0.01)
