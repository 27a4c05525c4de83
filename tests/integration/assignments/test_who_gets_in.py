"""Targeting, namespaces and coverage decide over units that have no assignment yet, in this order."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import Asking, Stored
from tests.integration.experiments.making import EXPERIMENTS, VARIANTS, create_in

pytestmark = pytest.mark.engine
UNITS = [f"u-{number}" for number in range(60)]
TO_GERMANS = {"targeting": {"country": "DE"}}


def in_no_namespace(key: str) -> dict[str, Any]:
    """A part of a namespace that has none of our units."""
    return {"namespace": {"key": key, "from": 0, "to": 0.01}}


THREE = [{"key": key, "weight": weight} for key, weight in (("a", 20), ("b", 30), ("c", 50))]


@pytest.mark.parametrize(
    ("fields", "reason", "has_bucket"),
    [
        ({"coverage": 0}, "not_covered", True),
        (in_no_namespace("none-1"), "not_in_namespace", False),
        (TO_GERMANS, "not_targeted", False),
        (in_no_namespace("none-2") | {"coverage": 0}, "not_in_namespace", False),
        (TO_GERMANS | in_no_namespace("none-3") | {"coverage": 0}, "not_targeted", False),
    ],
)
def test_who_does_not_get_in_is_told_why_and_not_stored(
    gateway: Gateway, asking: Asking, stored: Stored, fields: dict[str, Any], reason: str, has_bucket: bool
) -> None:
    key = create_in(gateway, "active", **fields)["key"]
    answer = asking.assign(key, "u-1", {"attributes": {"country": "FR"}})
    assert (answer.status, answer.body["reason"]) == (200, reason)
    assert [answer.body[name] for name in ("variant", "value", "assigned_at", "new")] == [None, None, None, False]
    assert (answer.body["bucket"] is not None) == has_bucket
    assert stored.items(key) == []


def test_a_unit_that_is_in_stays_in_whatever_its_attributes_become(gateway: Gateway, asking: Asking) -> None:
    key = create_in(gateway, "active", **TO_GERMANS)["key"]
    first = asking.assign(key, "u-1", {"attributes": {"country": "DE"}}).body
    assert first["new"]
    asking.start_anew()
    assert asking.assign(key, "u-1", {"attributes": {"country": "FR"}}).body == first | {"new": False}


def test_experiments_of_disjoint_ranges_share_no_unit_and_leave_none_out(gateway: Gateway, asking: Asking) -> None:
    ranges = [{"key": "shared", "from": start, "to": end} for start, end in ((0, 30), (30, 100))]
    one, other = (create_in(gateway, "active", namespace=part)["key"] for part in ranges)
    first, second = (asking.variants(key, UNITS).keys() for key in (one, other))
    assert not first & second
    assert first | second == set(UNITS)
    assert first


def test_growing_coverage_lets_more_in_and_moves_nobody(gateway: Gateway, asking: Asking) -> None:
    key = create_in(gateway, "active", variants=THREE, coverage=20)["key"]
    seen: list[dict[str, str]] = []
    for coverage in (20, 60, 100):
        assert gateway.patch(f"{EXPERIMENTS}/{key}", {"coverage": coverage}).status == 200
        asking.start_anew()
        seen.append(asking.variants(key, UNITS))
    assert 0 < len(seen[0]) < len(seen[1]) < len(seen[2]) == len(UNITS)
    assert seen[0].items() <= seen[1].items() <= seen[2].items()


def test_the_hash_itself_moves_nobody_when_coverage_grows(gateway: Gateway, asking: Asking) -> None:
    small, whole = (
        create_in(gateway, "active", variants=THREE, coverage=coverage, seed="same")["key"] for coverage in (40, 100)
    )
    some, everybody = asking.variants(small, UNITS), asking.variants(whole, UNITS)
    assert 0 < len(some) < len(UNITS)
    assert some.items() <= everybody.items()


def test_a_variant_of_weight_0_gets_nobody(gateway: Gateway, asking: Asking) -> None:
    variants = [VARIANTS[0] | {"weight": 0}, VARIANTS[1] | {"weight": 100}]
    key = create_in(gateway, "active", variants=variants)["key"]
    assert set(asking.variants(key, UNITS[:30]).values()) == {"green"}
