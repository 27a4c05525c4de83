"""The features of GrowthBook's SDKs, held to its own Python SDK: it chooses what we choose."""

from __future__ import annotations

import json
from typing import Any

import pytest
from growthbook import GrowthBook
from growthbook.core import getBucketRanges
from hypothesis import given, settings
from hypothesis import strategies as st

from fairsplit.domain.allocation import in_namespace, variant_ranges
from fairsplit.domain.eligibility import choose_variant
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.growthbook import features_of
from fairsplit.http.app import to_json
from tests.unit.making import experiment

UNITS = [f"u-{number}" for number in range(200)]
ids = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
percents = st.integers(0, 10_000).map(lambda number: number / 100)


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    """Active experiments of any weights, coverage, seed and part of a namespace."""
    cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=1, max_size=9)))
    weights = [(end - start) / 100 for start, end in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    variants = [{"key": f"v{number}", "weight": weight, "value": number} for number, weight in enumerate(weights)]
    fields: dict[str, Any] = {"variants": variants, "control": "v0", "seed": draw(ids), "coverage": draw(percents)}
    if draw(st.booleans()):
        start, end = sorted([draw(percents), draw(percents)])
        fields["namespace"] = {"key": draw(st.sampled_from(["checkout", "search"])), "from": start, "to": end}
    return experiment(**fields)


def features(*many: Experiment) -> Any:
    """The features as they come over the wire."""
    return json.loads(to_json(features_of(many)))


def ask(one: Experiment, unit_id: str, **attributes: Any) -> Any:
    """What the SDK says of the experiment's feature."""
    sdk = GrowthBook(attributes={"id": unit_id, **attributes}, features=features(one))
    return sdk.eval_feature(one.key)


def chosen(one: Experiment, unit_id: str, **attributes: Any) -> str | None:
    """The key of the variant that the SDK chooses; None where it takes the default."""
    result = ask(one, unit_id, **attributes).experimentResult
    return str(result.key) if result else None


@settings(max_examples=200, deadline=None)
@given(experiments(), ids)
def test_the_sdk_chooses_our_variant(one: Experiment, unit_id: str) -> None:
    assert chosen(one, unit_id) == choose_variant(one, unit_id, {}).variant


@given(experiments())
def test_the_sdk_has_our_ranges_to_the_last_bit(one: Experiment) -> None:
    (rule,) = features(one)["a"]["rules"]
    theirs = getBucketRanges(len(rule["variations"]), rule["coverage"], rule["weights"])
    assert [tuple(span) for span in theirs] == variant_ranges(one)


@pytest.mark.parametrize("country", ["DE", "FR", None])
def test_the_sdk_keeps_to_the_condition(country: str | None) -> None:
    one = experiment(targeting={"country": {"$in": ["DE"]}})
    for unit_id in UNITS:
        assert chosen(one, unit_id, country=country) == choose_variant(one, unit_id, {"country": country}).variant


def test_the_sdk_reports_experiment_and_variant_by_their_keys() -> None:
    seen = []
    sdk = GrowthBook(
        attributes={"id": "u-1"},
        features=features(experiment()),
        on_experiment_viewed=lambda experiment, result, **_: seen.append((experiment.key, result.key)),
    )
    sdk.eval_feature("a")
    assert seen == [("a", choose_variant(experiment(), "u-1", {}).variant)]


def test_who_is_not_in_gets_the_controls_value() -> None:
    result = ask(experiment(coverage=0, variants=[VALUES[0], VALUES[1]], control="green"), "u-1")
    assert (result.value, result.source) == ({"color": "green"}, "defaultValue")


VALUES: list[dict[str, Any]] = [
    {"key": "control", "weight": 50, "value": 1.0},
    {"key": "green", "weight": 50, "value": {"color": "green"}},
]


def test_a_rule_is_plain_where_the_experiment_is() -> None:
    (rule,) = features(experiment(variants=VALUES))["a"]["rules"]
    assert rule == {
        "key": "a",
        "seed": "seed",
        "hashAttribute": "id",
        "hashVersion": 2,
        "variations": [1.0, {"color": "green"}],
        "weights": [0.5, 0.5],
        "coverage": 1.0,
        "meta": [{"key": "control"}, {"key": "green"}],
        "name": "A",
        "phase": "0",
    }


def test_condition_and_filter_are_there_where_the_experiment_has_them() -> None:
    namespace = {"key": "checkout", "from": 0, "to": 50}
    (rule,) = features(experiment(targeting={"beta": True}, namespace=namespace))["a"]["rules"]
    assert rule["condition"] == {"beta": True}
    assert rule["filters"] == [{"attribute": "id", "seed": "__checkout", "hashVersion": 2, "ranges": [[0.0, 0.5]]}]


@pytest.mark.parametrize("value", [None, False, 0, "", {"a": [1.0]}])
def test_after_completion_everybody_has_the_winners_value(value: Any) -> None:
    variants = [VALUES[0], {"key": "green", "weight": 50, "value": value}]
    over = experiment(variants=variants, status="completed", winner="green", overrides={"u-1": "control"})
    assert features(over)["a"]["rules"] == [{"force": value}]
    assert {json.dumps(ask(over, unit_id).value) for unit_id in UNITS[:5]} == {json.dumps(value)}


@pytest.mark.parametrize(
    ("status", "winner"), [("draft", None), ("paused", None), ("completed", None), ("archived", "green")]
)
def test_what_only_the_store_can_answer_is_left_out(status: str, winner: str | None) -> None:
    assert features(experiment(status=status, winner=winner)) == {}


@pytest.mark.parametrize(("start", "end"), [(0, 10), (45, 55.5), (90, 100)])
def test_a_holdout_gives_the_control_to_its_part_of_the_namespace(start: float, end: float) -> None:
    one = experiment(kind="holdout", variants=VALUES, namespace={"key": "all", "from": start, "to": end})
    assert one.namespace
    feature = features(one)
    for unit_id in UNITS:
        result = GrowthBook(attributes={"id": unit_id}, features=feature).eval_feature("a")
        held = in_namespace(one.namespace, unit_id)
        assert result.experimentResult
        assert (result.experimentResult.key, result.value) == (
            ("control", 1.0) if held else ("green", {"color": "green"})
        )


def test_overrides_are_nobodys_business() -> None:
    assert "secret-unit" not in json.dumps(features(experiment(overrides={"secret-unit": "green"})))
