"""The answer has every name that the contract has, and no other numbers than JSON knows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.making import ENTRY, experiment
from tests.unit.results.fake_reader import FakeReader

TOP = {"experiment", "as_of", "source", "filters", "summary", "variants", "comparisons", "timeseries", "breakdown"}
HEADER = {"key", "name", "status", "started_at", "control"}
SUMMARY = {
    "units", "events", "days", "decision", "winner", "reasons", "srm", "progress", "mixed_units", "heavy_units",
    "merged_units", "lag_seconds", "recount", "notes",
}  # fmt: skip
SRM = {"p_value", "sequential_p_value", "flagged", "alert", "observed", "expected"}
NUMBERS = {"events", "units_with_event", "units", "sum", "mean", "variance", "ci", "chance_to_be_best"}
COMPARISON = {
    "metric", "role", "control", "variant", "absolute", "relative", "p_value", "adjusted_p_value", "significant",
    "chance_to_win", "expected_loss", "method", "exact", "guardrail", "statistic", "df", "cuped", "notes",
}  # fmt: skip
CUPED = {"used", "theta", "variance_reduction"}


@pytest.fixture
def answer() -> dict[str, Any]:
    return FakeReader().results(by_day=True)


def test_every_name_of_the_contract_is_there(answer: dict[str, Any]) -> None:
    assert set(answer) == TOP
    assert set(answer["experiment"]) >= HEADER
    assert set(answer["summary"]) == SUMMARY


def test_the_split_has_its_tests_and_the_units_of_every_variant(answer: dict[str, Any]) -> None:
    srm = answer["summary"]["srm"]
    assert set(srm) == SRM | {"with_left_out"}
    assert set(srm["with_left_out"]) == SRM
    assert srm["observed"] == {"control": 5, "green": 6}
    assert srm["expected"] == {"control": 5.5, "green": 5.5}
    assert (srm["flagged"], srm["alert"], 0 < srm["p_value"] < 1) == (False, False, True)


def test_a_variant_has_its_units_its_share_and_the_numbers_of_each_metric(answer: dict[str, Any]) -> None:
    control, green = answer["variants"]
    assert (control["key"], control["units"], control["share"]) == ("control", 5, 5 / 11)
    assert list(control["metrics"]) == ["purchased", "revenue", "orders", "aov", "visits"]
    assert all(set(one) - {"notes", "denominator_sum"} == NUMBERS for one in green["metrics"].values())


def test_numbers_are_those_of_the_units(answer: dict[str, Any]) -> None:
    revenue = answer["variants"][0]["metrics"]["revenue"]
    assert {name: revenue[name] for name in ("events", "units_with_event", "sum", "mean", "variance")} == {
        "events": 3,
        "units_with_event": 3,
        "sum": 60,
        "mean": 12,
        "variance": 170,
    }
    assert (answer["variants"][1]["metrics"]["aov"]["denominator_sum"], answer["summary"]["events"]) == (5, 8)


def test_a_comparison_is_of_one_metric_and_treatment(answer: dict[str, Any]) -> None:
    assert [(one["metric"], one["variant"]) for one in answer["comparisons"]] == [
        (key, "green") for key in ("purchased", "revenue", "orders", "aov", "visits")
    ]
    for one in answer["comparisons"]:
        assert (set(one), set(one["cuped"])) == (COMPARISON, CUPED)
        assert set(one["absolute"]) == set(one["relative"]) == {"estimate", "ci"}


def test_a_day_has_new_units_all_units_and_numbers_up_to_it(answer: dict[str, Any]) -> None:
    day = answer["timeseries"][1]
    assert set(day) == {"date", "variants", "comparisons"}
    assert set(day["variants"][0]) == {"key", "new_units", "units", "metrics"}
    assert day["variants"][1]["metrics"]["revenue"] == {"events": 1, "sum": 15, "mean": 7.5}
    assert (day["variants"][1]["new_units"], day["variants"][1]["units"]) == (1, 2)
    assert set(day["comparisons"][0]) == {"metric", "variant", "estimate", "ci"}


def test_notes_are_codes_with_a_sentence(answer: dict[str, Any]) -> None:
    (visits,) = [one for one in answer["comparisons"] if one["metric"] == "visits"]
    assert [note["code"] for note in visits["notes"]] == ["no_variance", "control_mean_zero"]
    assert all(note["detail"].endswith(".") for note in visits["notes"])


def test_dates_are_texts_or_null() -> None:
    over = experiment(status="completed", completed_at=ENTRY, winner="green")
    header = FakeReader(over, []).results()["experiment"]
    assert (header["status"], header["completed_at"], header["winner"]) == (
        "completed",
        "2026-03-15T12:00:00.000Z",
        "green",
    )
    assert FakeReader(experiment(started_at=None), []).results()["experiment"]["started_at"] is None


@pytest.mark.parametrize("reader", [FakeReader(), FakeReader(items=[]), FakeReader(experiment(), [])])
def test_an_answer_is_json_without_nan_or_infinity(reader: FakeReader) -> None:
    assert json.loads(json.dumps(reader.results(by_day=True), allow_nan=False))


def test_without_units_there_are_no_shares_and_no_numbers() -> None:
    variants = FakeReader(items=[]).results()["variants"]
    assert [one["share"] for one in variants] == [None, None]
    assert variants[0]["metrics"]["revenue"]["mean"] is None


def test_filters_say_what_was_asked() -> None:
    asked = FakeReader().results(metric="revenue", alpha=0.1, correction="none", by_day=True)
    assert asked["filters"] == {"metric": "revenue", "alpha": 0.1, "correction": "none", "group_by": "day"}
    assert FakeReader().results()["filters"] == {}
