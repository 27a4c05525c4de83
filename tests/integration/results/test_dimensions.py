"""Results by the values of a dimension: each as if it was the whole experiment, and all together the whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fairsplit.domain.timestamps import to_text
from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, create_in
from tests.pipeline import Pipeline
from tests.traffic import ask, comparison, event, noon, numbers, results, send

pytestmark = pytest.mark.engine
METRICS = [
    {"key": "bought", "event_type": "purchase", "kind": "conversion", "role": "primary"},
    {"key": "revenue", "event_type": "purchase", "kind": "mean"},
]
COUNTRIES = {"DE": 24, "FR": 18, None: 9}  # units of each variant


@pytest.fixture(scope="module")
def key(gateway: Gateway, pipeline: Pipeline) -> str:
    """Units of several countries; in Germany the green ones buy, in France the others."""
    made: str = create_in(gateway, "active", metrics=METRICS, dimensions=["country", "age"])["key"]
    for country, amount in COUNTRIES.items():
        for variant in ("control", "green"):
            units = [f"{made}-{country}-{variant}-{number}" for number in range(amount)]
            attributes: dict[str, Any] = {"age": 30} | ({"country": country} if country else {})
            at = {"assigned_at": to_text(noon(3)), "attributes": attributes}
            items = [{"unit_id": unit, "variant": variant} | at for unit in units]
            answer = gateway.post(f"{EXPERIMENTS}/{made}/assignments", {"items": items})
            assert answer.body["rejected"] == []
            buyers = amount // 2 if (country == "DE") == (variant == "green") else amount // 6
            send(gateway, [event(unit, noon(2), value=7) for unit in units[:buyers]])
    pipeline.drain()
    return made


def by_country(body: Any) -> dict[str | None, Any]:
    assert body["breakdown"]["dimension"] == "country"
    return {one["value"]: one for one in body["breakdown"]["values"]}


def test_without_a_dimension_there_is_no_breakdown(gateway: Gateway, key: str) -> None:
    assert results(gateway, key)["breakdown"] is None


def test_values_stand_in_the_order_of_their_units_and_what_was_not_given_is_null(gateway: Gateway, key: str) -> None:
    found = by_country(results(gateway, key, dimension="country"))
    assert {value: one["units"] for value, one in found.items()} == {"DE": 48, "FR": 36, None: 18}
    assert list(found) == ["DE", "FR", None]


def test_each_value_has_its_own_numbers_and_comparison(gateway: Gateway, key: str) -> None:
    found = by_country(results(gateway, key, dimension="country"))
    assert numbers(found["DE"], "green", "revenue")["sum"] == 12 * 7
    assert numbers(found["FR"], "green", "revenue")["sum"] == 3 * 7
    german, french = (comparison(found[one], "bought", "green")["absolute"]["estimate"] for one in ("DE", "FR"))
    assert german == pytest.approx(12 / 24 - 4 / 24)
    assert french == pytest.approx(3 / 18 - 9 / 18)
    assert found["DE"]["srm"]["observed"] == {"control": 24, "green": 24}


def test_all_values_together_are_the_whole(gateway: Gateway, key: str) -> None:
    body = results(gateway, key, dimension="country")
    for variant in ("control", "green"):
        for metric in ("bought", "revenue"):
            for name in ("events", "units_with_event", "units", "sum"):
                parts = sum(numbers(one, variant, metric)[name] for one in body["breakdown"]["values"])
                assert parts == numbers(body, variant, metric)[name]


def test_numbers_are_values_too(gateway: Gateway, key: str) -> None:
    (one,) = results(gateway, key, dimension="age")["breakdown"]["values"]
    assert (one["value"], one["units"]) == (30, 102)


def test_the_rest_of_the_answer_is_as_without(gateway: Gateway, key: str) -> None:
    whole, part = results(gateway, key), results(gateway, key, dimension="country")
    for name in ("variants", "comparisons", "source"):
        assert part[name] == whole[name]


def test_filters_and_methods_go_for_every_value(gateway: Gateway, key: str) -> None:
    body = results(gateway, key, dimension="country", metric="bought", method="bayesian", variant="green")
    for one in body["breakdown"]["values"]:
        assert [pair["metric"] for pair in one["comparisons"]] == ["bought"]
        assert {pair["method"] for pair in one["comparisons"]} == {"normal_posterior"}
        assert [variant["key"] for variant in one["variants"]] == ["green"]


def test_from_the_units_come_the_same_numbers(gateway: Gateway, key: str) -> None:
    rows = results(gateway, key, dimension="country")
    single = results(gateway, key, dimension="country", first=noon(5).date())
    assert (rows["source"], single["source"]) == ("aggregates", "units")
    assert json.dumps(rows["breakdown"]) == json.dumps(single["breakdown"])


def test_a_dimension_that_is_not_declared_is_refused_with_those_that_are(gateway: Gateway, key: str) -> None:
    answer = ask(gateway, key, dimension="planet")
    assert (answer.status, answer.faults) == (422, [(["query", "dimension"], "unknown_dimension")])
    assert "country, age" in answer.body["errors"][0]["message"]


def test_more_numbers_than_an_answer_holds_are_refused(
    gateway: Gateway, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairsplit.services.reading_results.MOST_BROKEN_DOWN", 3 * 2 * (2 + 1) - 1)
    answer = ask(gateway, key, dimension="country")
    assert (answer.status, answer.faults) == (422, [(["query", "dimension"], "breakdown_too_large")])
    assert ask(gateway, key, dimension="country", metric="bought").status == 200
