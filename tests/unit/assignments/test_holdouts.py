"""Holdouts: who is held out, who is everybody else, and what the weights are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.allocation import in_namespace, namespace_range
from fairsplit.domain.eligibility import Choice, Reason, choose_variant
from fairsplit.domain.errors import InvalidError
from fairsplit.domain.experiment import Namespace, Settings
from fairsplit.domain.experiment_rules import read_settings
from fairsplit.domain.hashing import BUCKETS, bucket_of
from tests.unit.making import experiment

UNITS = [f"unit-{number}" for number in range(20_000)]
RANGE = {"key": "n", "from": 30, "to": 40}
TWO = [{"key": "out"}, {"key": "in"}]


def read(**fields: Any) -> Settings:
    return read_settings({"key": "h", "name": "Holdout", "kind": "holdout", "namespace": RANGE} | fields, "seed")


def weights(settings: Settings) -> dict[str, float]:
    return {variant.key: variant.weight for variant in settings.variants}


def faults(**fields: Any) -> list[tuple[tuple[str | int, ...], str]]:
    with pytest.raises(InvalidError) as caught:
        read(**fields)
    return [(fault.loc, fault.code) for fault in caught.value.faults]


def test_variants_and_weights_follow_from_the_range() -> None:
    settings = read()
    assert (weights(settings), settings.control) == ({"holdout": 10, "exposed": 90}, "holdout")
    assert weights(read(variants=TWO, control="in")) == {"out": 90, "in": 10}
    assert weights(read(variants=[one | {"weight": 50} for one in TWO])) == {"out": 10, "in": 90}


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_weights_of_any_range_sum_to_100(one: int, other: int) -> None:
    start, end = sorted((one / 100, other / 100))
    if 0 < Decimal(repr(end)) - Decimal(repr(start)) < 100:
        settings = read(namespace={"key": "n", "from": start, "to": end})
        assert sum(Decimal(repr(weight)) for weight in weights(settings).values()) == 100


@pytest.mark.parametrize("span", [(100 / 3, 200 / 3), (0, 100 / 3), (0.1, 0.7), (99.99, 100)])
def test_weights_of_ranges_that_have_no_end_sum_to_100_too(span: tuple[float, float]) -> None:
    held, others = weights(read(namespace={"key": "n", "from": span[0], "to": span[1]})).values()
    assert Decimal(repr(held)) + Decimal(repr(others)) == 100
    assert held == pytest.approx(span[1] - span[0])


def test_nobody_is_told_of_weights_that_are_not_the_clients() -> None:
    third = {"key": "third"}
    assert faults(variants=[*TWO, third]) == [(("variants",), "holdout_variants")]
    assert faults(control="nobody") == [(("control",), "unknown_variant")]
    assert faults(variants=[TWO[0]] * 2) == [(("variants", 1, "key"), "duplicate_variant")]


@pytest.mark.parametrize(
    ("fields", "loc", "code"),
    [
        ({"namespace": None}, ("namespace",), "namespace_required"),
        ({"namespace": {"key": "n", "from": 0, "to": 100}}, ("namespace", "to"), "holdout_leaves_nobody"),
        ({"namespace": {"key": "n", "from": 40, "to": 30}}, ("namespace", "to"), "namespace_range_empty"),
        ({"namespace": {"key": "n", "from": "0", "to": 30}}, ("namespace", "from"), "invalid_type"),
        ({"variants": [*TWO, {"key": "third"}]}, ("variants",), "holdout_variants"),
        ({"variants": TWO[:1]}, ("variants",), "too_few"),
        ({"variants": 5}, ("variants",), "invalid_type"),
        ({"variants": [5, 6]}, ("variants", 0), "invalid_type"),
        ({"control": "nobody"}, ("control",), "unknown_variant"),
        ({"coverage": 50}, ("coverage",), "holdout_coverage"),
        ({"kind": "other"}, ("kind",), "unknown_value"),
    ],
)
def test_what_is_wrong_with_a_holdout_is_named(fields: dict[str, Any], loc: tuple[str | int, ...], code: str) -> None:
    assert (loc, code) in faults(**fields)


def test_who_is_in_the_range_is_held_out_and_gets_no_other_experiment() -> None:
    held = experiment(kind="holdout", namespace=RANGE, seed="h")
    others = [
        experiment(key=key, seed=key, namespace={"key": "n", "from": start, "to": end})
        for key, start, end in (("one", 0, 30), ("two", 40, 80))
    ]
    chosen = {unit: choose_variant(held, unit, {}).variant for unit in UNITS}
    assert set(chosen.values()) == {"control", "green"}
    for unit, variant in chosen.items():
        assert held.namespace
        assert (variant == "control") is in_namespace(held.namespace, unit)
        if variant == "control":
            assert {choose_variant(one, unit, {}).reason for one in others} == {Reason.NOT_IN_NAMESPACE}
    assert 0.09 < list(chosen.values()).count("control") / len(UNITS) < 0.11


def test_a_range_has_as_many_buckets_as_its_weight_says() -> None:
    for hundredths in range(BUCKETS + 1):
        held = Namespace.model_validate({"key": "n", "from": 0, "to": hundredths / 100})
        assert namespace_range(held) == (0, hundredths / BUCKETS)


def test_the_bucket_is_the_namespaces_and_targeting_counts() -> None:
    held = experiment(kind="holdout", namespace=RANGE, targeting={"plan": "pro"})
    assert choose_variant(held, "u", {"plan": "pro"}).bucket == bucket_of("__n", "u")
    assert choose_variant(held, "u", {}) == Choice(None, Reason.NOT_TARGETED)
