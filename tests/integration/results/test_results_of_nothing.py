"""Where there is nothing to compute, results say null and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import create_in, move
from tests.integration.results.story import METRICS, VARIANTS
from tests.pipeline import Pipeline
from tests.traffic import comparison, enter, event, noon, numbers, results, send

pytestmark = pytest.mark.engine
COMPUTED = ["mean", "variance", "ci"]


def codes(value: Any) -> list[str]:
    return [note["code"] for note in value["notes"]]


def parts(body: Any) -> Iterator[Any]:
    """Every variant's numbers of every metric."""
    return (one for variant in body["variants"] for one in variant["metrics"].values())


@pytest.fixture(scope="module", params=["draft", "active", "paused", "completed", "archived"])
def empty(request: pytest.FixtureRequest, gateway: Gateway, pipeline: Pipeline) -> Any:
    """Results of an experiment without units, in each status."""
    key = create_in(gateway, request.param, variants=VARIANTS, metrics=METRICS)["key"]
    if request.param in {"completed", "archived"}:
        pipeline.maintain()  # completion has every unit counted anew
    return results(gateway, key, group_by="day")


def test_an_experiment_without_units_has_nulls_and_says_why(empty: Any) -> None:
    for one in parts(empty):
        assert [one[name] for name in COMPUTED] == [None, None, None]
        assert codes(one) == ["no_units"]
        assert (one["sum"], one["events"], one["units_with_event"]) == (0, 0, 0)


def test_without_units_no_comparison_says_anything(empty: Any) -> None:
    assert len(empty["comparisons"]) == len(METRICS) * 2
    for one in empty["comparisons"]:
        assert (one["p_value"], one["adjusted_p_value"], one["significant"]) == (None, None, None)
        assert (one["absolute"], one["relative"]) == ({"estimate": None, "ci": None},) * 2
        assert codes(one) == ["no_units"]


def test_without_units_there_are_no_shares_no_split_and_no_days(empty: Any) -> None:
    assert [one["share"] for one in empty["variants"]] == [None] * 3
    assert (empty["summary"]["units"], empty["summary"]["events"], empty["timeseries"]) == (0, 0, [])
    srm = empty["summary"]["srm"]
    assert (srm["p_value"], srm["flagged"], srm["alert"]) == (None, False, False)


def test_a_draft_counts_what_was_imported(gateway: Gateway, pipeline: Pipeline) -> None:
    key = create_in(gateway, "draft", variants=VARIANTS, metrics=METRICS)["key"]
    enter(gateway, key, {f"{key}-1": "control", f"{key}-2": "green"}, noon(2))
    send(gateway, [event(f"{key}-2", noon(1), value=3)])
    pipeline.drain()
    body = results(gateway, key)
    assert (body["experiment"]["status"], body["experiment"]["started_at"]) == ("draft", None)
    assert (body["summary"]["days"], numbers(body, "green", "revenue")["sum"]) == (0, 3)
    move(gateway, key, "active")
    assert numbers(results(gateway, key), "green", "revenue")["sum"] == 3


def test_one_unit_has_a_mean_and_no_variance(gateway: Gateway, pipeline: Pipeline) -> None:
    key = create_in(gateway, "active", variants=VARIANTS, metrics=METRICS)["key"]
    enter(gateway, key, {f"{key}-{arm}": arm for arm in ("control", "green", "blue")}, noon(2))
    pipeline.drain()
    body = results(gateway, key)
    assert numbers(body, "green", "orders") | {"notes": []} == {
        "events": 0, "units_with_event": 0, "sum": 0, "mean": 0.0, "variance": None, "ci": None,
            "units": 1, "chance_to_be_best": None, "notes": []
    }  # fmt: skip
    assert codes(numbers(body, "green", "orders")) == ["too_few_units"]
    assert codes(numbers(body, "green", "aov")) == ["no_denominator"]
    assert comparison(body, "orders", "green")["absolute"] == {"estimate": 0.0, "ci": None}
    assert codes(comparison(body, "orders", "green")) == ["too_few_units", "control_mean_zero"]


def test_an_experiment_without_metrics_still_has_its_split(gateway: Gateway, pipeline: Pipeline) -> None:
    key = create_in(gateway, "active", variants=VARIANTS)["key"]
    enter(gateway, key, {f"{key}-{number}": "green" for number in range(30)}, noon(2))
    pipeline.drain()
    body = results(gateway, key)
    assert (body["comparisons"], list(parts(body))) == ([], [])
    assert body["summary"]["srm"]["flagged"] is True
