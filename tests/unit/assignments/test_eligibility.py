"""Who gets which variant: the steps and their order, and what is kept of attributes."""

from __future__ import annotations

from typing import Any

import pytest

from fairsplit.domain.allocation import in_namespace
from fairsplit.domain.dimensions import given
from fairsplit.domain.eligibility import Choice, Reason, choose_variant
from fairsplit.domain.hashing import bucket_of, position_of
from tests.unit.making import experiment

NOT_TARGETED = {"targeting": {"country": "FR"}}
NOT_IN_NAMESPACE = {"namespace": {"key": "n", "from": 0, "to": 0}}
NOT_COVERED = {"coverage": 0}
UNITS = [f"unit-{number}" for number in range(400)]


def choice(unit_id: str = "u", **fields: Any) -> Choice:
    return choose_variant(experiment(**fields), unit_id, {"country": "DE"})


def chosen(**fields: Any) -> list[str | None]:
    one = experiment(**fields)
    return [choose_variant(one, unit, {}).variant for unit in UNITS]


def test_a_unit_that_meets_everything_gets_what_the_hash_says() -> None:
    bucket = bucket_of("seed", "u")
    assert choice() == Choice("control" if bucket < 5_000 else "green", Reason.ASSIGNED, bucket)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (NOT_TARGETED | NOT_IN_NAMESPACE | NOT_COVERED, Reason.NOT_TARGETED),
        (NOT_IN_NAMESPACE | NOT_COVERED, Reason.NOT_IN_NAMESPACE),
        (NOT_COVERED, Reason.NOT_COVERED),
    ],
)
def test_targeting_is_asked_first_then_the_namespace_then_the_coverage(fields: dict[str, Any], reason: Reason) -> None:
    assert choice(**fields) == Choice(None, reason, bucket_of("seed", "u") if fields == NOT_COVERED else None)


def test_half_the_coverage_takes_the_first_half_of_each_variants_buckets() -> None:
    for unit, variant in zip(UNITS, chosen(coverage=50), strict=True):
        bucket = bucket_of("seed", unit)
        expected = "control" if bucket < 2_500 else "green" if 5_000 <= bucket < 7_500 else None
        assert variant == expected


@pytest.mark.parametrize("weights", [(0, 100), (100, 0)])
def test_a_variant_without_weight_is_never_given(weights: tuple[int, int]) -> None:
    variants = [{"key": key, "weight": weight} for key, weight in zip("ab", weights, strict=True)]
    assert set(chosen(variants=variants)) == {"b" if weights[1] else "a"}


def test_every_bucket_has_a_variant_where_the_coverage_is_full() -> None:
    variants = [{"key": f"v{number}", "weight": weight} for number, weight in enumerate([33.3333, 33.3333, 33.3334])]
    assert None not in chosen(variants=variants)


def test_disjoint_ranges_of_a_namespace_share_no_unit_and_leave_none_out() -> None:
    parts = [experiment(namespace={"key": "n", "from": start, "to": end}) for start, end in ((0, 30), (30, 100))]
    for unit in UNITS:
        inside = [in_namespace(one.namespace, unit) for one in parts if one.namespace]
        assert sum(inside) == 1


def test_a_namespace_hashes_with_a_seed_of_its_own() -> None:
    namespace = experiment(seed="n", namespace={"key": "n", "from": 25, "to": 75}).namespace
    assert namespace
    for unit in UNITS:
        assert in_namespace(namespace, unit) is (0.25 <= position_of("__n", unit) < 0.75)


def test_declared_dimensions_alone_are_kept_and_are_none_without_a_plain_value() -> None:
    attributes = {"a": "x", "b": 1.5, "c": True, "d": None, "e": [1], "f": {"x": 1}, "g": 0, "secret": "s"}
    kept = given("abcdefgh", attributes)
    assert kept == {"a": "x", "b": 1.5, "c": True, "d": None, "e": None, "f": None, "g": 0, "h": None}


def test_a_long_value_of_a_dimension_is_cut() -> None:
    assert given(["a"], {"a": "ü" * 129}) == {"a": "ü" * 128}
