"""Fingerprints: a metric's sums have another name when, and only when, something else is counted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fairsplit.domain.metric import Definition, definitions, fingerprints
from fairsplit.domain.totals import SCALE
from tests.unit.making import AOV, CAPPED, ORDERS, REVENUE, experiment

WINDOW = {"window_hours": 24}


def name_of(metric: dict[str, Any], **fields: Any) -> str:
    return fingerprints(experiment(metric, **fields))[metric["key"]]


@pytest.mark.parametrize(
    "change",
    [
        {"key": "other"}, {"kind": "count"}, {"event_type": "visit"}, {"value": "properties.x"}, {"cap": 50.5},
        {"cap": None}, {"window_hours": 25}, {"window_hours": None},
    ],
)  # fmt: skip
def test_what_changes_the_number_changes_the_name(change: dict[str, Any]) -> None:
    assert name_of(CAPPED | WINDOW | change) != name_of(CAPPED | WINDOW)


@pytest.mark.parametrize(
    "change",
    [{"role": "primary"}, {"direction": "decrease"}, {"margin": 0.1}, {"value": "value"}, {"cap": 50.0}],
)
def test_what_does_not_change_the_number_keeps_the_name(change: dict[str, Any]) -> None:
    assert name_of(CAPPED | WINDOW | change) == name_of(CAPPED | WINDOW)


def test_the_length_of_the_pre_period_changes_every_name() -> None:
    one = experiment(REVENUE, ORDERS, AOV)
    other = experiment(REVENUE, ORDERS, AOV, analysis={"cuped_days": 13})
    assert fingerprints(one).keys() == fingerprints(other).keys()
    assert not set(fingerprints(one).values()) & set(fingerprints(other).values())


def test_nothing_else_of_the_experiment_matters() -> None:
    fields = {"key": "b", "name": "B", "coverage": 5, "analysis": {"alpha": 0.1}, "epoch": 9}
    assert fingerprints(experiment(REVENUE, ORDERS, AOV)) == fingerprints(experiment(AOV, ORDERS, REVENUE, **fields))


@pytest.mark.parametrize("number", [0, 1])
def test_a_ratio_follows_its_parts(number: int) -> None:
    parts = [REVENUE, ORDERS]
    before = fingerprints(experiment(*parts, AOV))["aov"]
    parts[number] = parts[number] | WINDOW
    assert fingerprints(experiment(*parts, AOV))["aov"] != before


def test_a_ratio_turned_upside_down_has_another_name() -> None:
    turned = AOV | {"numerator": "orders", "denominator": "revenue"}
    names = fingerprints(experiment(REVENUE, ORDERS, AOV)), fingerprints(experiment(REVENUE, ORDERS, turned))
    assert names[0]["aov"] != names[1]["aov"]
    assert names[0]["revenue"] == names[1]["revenue"]


def test_a_name_begins_with_the_metrics_key() -> None:
    assert all(name.startswith(f"{key}@") for key, name in fingerprints(experiment(REVENUE, ORDERS, AOV)).items())


def test_a_definition_says_how_a_metric_becomes_a_number() -> None:
    wanted = definitions(experiment(CAPPED | {"cap": 0.5, "value": "properties.x"} | WINDOW))
    (found,) = wanted.metrics.values()
    assert found == Definition("mean", "purchase", "properties.x", timedelta(hours=24), SCALE // 2)


def test_a_mean_takes_the_value_unless_it_says_otherwise_and_a_count_takes_none() -> None:
    sources = {one.kind: one.source for one in definitions(experiment(REVENUE, ORDERS)).metrics.values()}
    assert sources == {"mean": "value", "count": ""}


def test_a_ratio_is_the_pair_of_its_parts_names() -> None:
    one = experiment(REVENUE, ORDERS, AOV)
    names = fingerprints(one)
    assert definitions(one).ratios == {names["aov"]: (names["revenue"], names["orders"])}
