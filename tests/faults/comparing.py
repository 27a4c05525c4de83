"""What the product answers and stores, beside what is true."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from fairsplit.domain.experiment import Experiment
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.moments import UNITS, Moments, total
from fairsplit.services.reading_breakdown import breakdown_of_rows, breakdown_of_units
from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.recounts import Recounts
from fairsplit.storage.results import Units
from tests.faults.truth import Numbers, Raw, Truth
from tests.gateway import Gateway

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

SQUARE = 10_000 * 10_000


def check_results(gateway: Gateway, experiment: Mapping[str, Any], raw: Raw) -> None:
    """The results as a whole, up to each day of the series, and from the units' own days."""
    path = f"/v1/experiments/{experiment['key']}/results"
    whole = _results(gateway, path, group_by="day")
    assert whole["summary"]["recount"] is None
    _compare(whole, Truth(raw, experiment))
    days = [one["date"] for one in whole["timeseries"]]
    for day in days[-1:] + days[len(days) // 2 : len(days) // 2 + 1]:
        _compare(_results(gateway, path, to=day), Truth(raw, experiment, date.fromisoformat(day)))
    from_units = _results(gateway, path, **{"from": "2000-01-01"})
    assert from_units["source"] == "units"
    assert _without_source(from_units) == _without_source(whole)


def check_sums(client: DynamoDBClient, tables: Mapping[str, str], experiment: Mapping[str, Any], raw: Raw) -> None:
    """The sums that no results show yet: those of the pre-period."""
    key = experiment["key"]
    stored = Experiments(client, tables["CatalogTable"]).read(key)
    assert isinstance(stored, Experiment)
    epoch = Recounts(client, tables["CatalogTable"]).read(key).complete_epoch
    rows = Aggregates(client, tables["AggregatesTable"]).rows(key, epoch)
    moments = total(row.moments for row in rows.values())
    names = fingerprints(stored)
    truth = Truth(raw, experiment)
    for metric in (one for one in experiment["metrics"] if one["kind"] != "ratio"):
        for variant in (one["key"] for one in experiment["variants"]):
            pairs = truth.pre_values(variant, metric["key"])
            found = [moments.get(variant, names[metric["key"]], name) for name in PRE_SUMS]
            assert found == [SQUARE_OF[name] * one for name, one in zip(PRE_SUMS, _sums(pairs), strict=True)], metric[
                "key"
            ]


def check_breakdowns(
    client: DynamoDBClient, tables: Mapping[str, str], experiment: Mapping[str, Any], raw: Raw
) -> None:
    """The sums by the values of each dimension, as a whole and up to a day, from rows and from units."""
    key = experiment["key"]
    recount = Recounts(client, tables["CatalogTable"]).read(key)
    aggregates, units = Aggregates(client, tables["AggregatesTable"]), Units(client, tables["AssignmentsTable"])
    names = fingerprints(Experiment.model_validate(experiment))
    for dimension in experiment["dimensions"]:
        whole = breakdown_of_rows(aggregates, recount, dimension)
        assert whole == breakdown_of_units(units, key, dimension, None, None)
        assert whole is not None
        for last in [None, *list(whole)[-1:], *list(whole)[len(whole) // 2 : len(whole) // 2 + 1]]:
            found = breakdown_of_rows(aggregates, recount, dimension, last) or {}
            known = {json.dumps(unit.values[dimension]) for unit in Truth(raw, experiment, last).units()}
            for value in known | {value for parts in found.values() for value in parts}:
                moments = total(parts[value] for parts in found.values() if value in parts)
                _compare_moments(moments, Truth(raw, experiment, last, {dimension: value}), names)


def _compare_moments(moments: Moments, truth: Truth, names: Mapping[str, str]) -> None:
    units = [unit.variant for unit in truth.units()]
    for variant in (one["key"] for one in truth.experiment["variants"]):
        assert moments.get(variant, UNITS, "units") == units.count(variant)
        for metric in (one["key"] for one in truth.experiment["metrics"] if one["kind"] != "ratio"):
            pairs = truth.pre_values(variant, metric)
            found = [moments.get(variant, names[metric], name) for name in SUMS]
            true = [*_sums(pairs), sum((y for _, y in pairs), Fraction(0)), sum((y * y for _, y in pairs), Fraction(0))]
            assert found == [SQUARE_OF[name] * one for name, one in zip(SUMS, true, strict=True)], metric


PRE_SUMS = ("pre_sum", "pre_sum_of_squares", "pre_cross_product_sum")
SUMS = (*PRE_SUMS, "sum", "sum_of_squares")
SQUARE_OF = {name: 10_000 if name in {"sum", "pre_sum"} else SQUARE for name in SUMS}


def _sums(pairs: list[tuple[Fraction, Fraction]]) -> list[Fraction]:
    return [sum((one(x, y) for x, y in pairs), Fraction(0)) for one in (_x, _xx, _xy)]


def _x(x: Fraction, _y: Fraction) -> Fraction:
    return x


def _xx(x: Fraction, _y: Fraction) -> Fraction:
    return x * x


def _xy(x: Fraction, y: Fraction) -> Fraction:
    return x * y


def _results(gateway: Gateway, path: str, **query: str) -> Any:
    answer = gateway.get(path, query=query)
    assert answer.status == 200, answer
    return answer.body


def _compare(results: Mapping[str, Any], truth: Truth) -> None:
    units = [unit.variant for unit in truth.units()]
    assert (results["summary"]["units"], results["summary"]["mixed_units"]) == (len(units), truth.mixed())
    ignored = [one["detail"] for one in results["summary"]["notes"] if one["code"] == "exposures_outside_run"]
    assert [int(detail.rpartition(" ")[2].rstrip(".")) for detail in ignored] == [truth.ignored()] * bool(ignored)
    assert bool(ignored) is bool(truth.ignored())
    if truth.last is None:
        assert results["summary"]["events"] == truth.events()
    for variant in results["variants"]:
        assert variant["units"] == units.count(variant["key"])
        for key, numbers in variant["metrics"].items():
            _compare_numbers(numbers, truth.numbers(variant["key"], key), key)


def _compare_numbers(found: Mapping[str, Any], true: Numbers, key: str) -> None:
    assert (found["events"], found["units_with_event"]) == (true.events, true.units_with_event), key
    assert Fraction(str(found["sum"])) == true.total, key
    assert found["mean"] == (None if true.mean is None else pytest.approx(float(true.mean), rel=1e-12)), key
    if not true.below:
        variance = true.variance
        assert found["variance"] == (None if variance is None else pytest.approx(float(variance), rel=1e-12)), key


def _without_source(results: Mapping[str, Any]) -> dict[str, Any]:
    return {key: results[key] for key in ("variants", "comparisons")}
