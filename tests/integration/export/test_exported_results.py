"""GET .../export?what=results: the numbers of the results as a flat table."""

from __future__ import annotations

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import create_in
from tests.integration.export.exporting import Exports, Row
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, event, noon, results, send

pytestmark = pytest.mark.engine
PURCHASED = {"key": "purchased", "event_type": "purchase", "kind": "conversion"}


@pytest.fixture(scope="module")
def key(gateway: Gateway, pipeline: Pipeline) -> str:
    made = str(create_in(gateway, "active", metrics=[ORDERS, PURCHASED])["key"])
    enter(gateway, made, {f"u-{n}": ("control", "green")[n % 2] for n in range(40)}, noon(3))
    send(gateway, [event(f"u-{n}", noon(2)) for n in range(0, 40, 3)])
    pipeline.drain()
    return made


def number(row: Row, name: str) -> float | None:
    return float(row[name]) if row[name] else None


def test_the_table_has_the_numbers_of_the_answer(gateway: Gateway, exports: Exports, key: str) -> None:
    answer, rows = results(gateway, key), exports.rows(key, "results")
    assert [(row["metric"], row["variant"]) for row in rows] == [
        (metric, variant) for metric in ("orders", "purchased") for variant in ("control", "green")
    ]
    for row in rows:
        variant = next(one for one in answer["variants"] if one["key"] == row["variant"])
        told = variant["metrics"][row["metric"]]
        assert [number(row, name) for name in ("sum", "mean", "ci_low", "ci_high")] == [
            told["sum"],
            told["mean"],
            *told["ci"],
        ]
        assert int(row["units"]) == variant["units"]
    for row, told in zip(rows[1::2], answer["comparisons"], strict=True):
        assert number(row, "absolute") == told["absolute"]["estimate"]
        assert [number(row, f"relative_ci_{end}") for end in ("low", "high")] == told["relative"]["ci"]
        assert (number(row, "p_value"), row["method"]) == (told["p_value"], told["method"])
        assert row["significant"] == str(told["significant"]).lower()
    assert all(row["p_value"] == row["control"] == "" for row in rows[::2])


@pytest.mark.parametrize("limit", [1, 3, 4])
def test_pages_join(exports: Exports, key: str, limit: int) -> None:
    whole, joined = (exports.rows(key, "results", **query) for query in ({}, {"limit": limit}))
    assert [row | {"as_of": ""} for row in joined] == [row | {"as_of": ""} for row in whole]


def test_an_experiment_without_metrics_or_units_has_a_header(gateway: Gateway, exports: Exports) -> None:
    assert exports.rows(create_in(gateway, "draft")["key"], "results") == []
    empty = exports.rows(create_in(gateway, "active", metrics=[ORDERS])["key"], "results")
    assert [row["mean"] for row in empty] == ["", ""]
