"""GrowthBook's public vectors for hashing, ranges and choice: each case is a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fairsplit.domain.hashing import bucket_ranges, choose, equal_weights, fnv1a_32, in_range, position_of

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "growthbook-cases-0.8.0.json").read_text())


def version_one(seed: str, value: str) -> float:
    """Hash version 1, which the product never uses."""
    return (fnv1a_32(value + seed) % 1000) / 1000


@pytest.mark.parametrize("case", CASES["hash"], ids=lambda case: f"{case[0]}-{case[1]}-v{case[2]}")
def test_hash(case: list[Any]) -> None:
    seed, value, version, expected = case
    hashes = {1: version_one, 2: position_of}
    actual = hashes[version](seed, value) if version in hashes else None
    assert actual == expected


@pytest.mark.parametrize(("unit_id", "expected"), [("é", 0.8663), ("ж1", 0.7398), ("日本", 0.9652), ("😀x", 0.6751)])
def test_other_letters_hash_as_in_growthbooks_javascript_and_python_sdks(unit_id: str, expected: float) -> None:
    """Not among the public cases: what @growthbook/growthbook and growthbook answer for the seed `seed`."""
    assert position_of("seed", unit_id) == expected


@pytest.mark.parametrize("case", CASES["getBucketRange"], ids=lambda case: case[0])
def test_bucket_ranges(case: list[Any]) -> None:
    _, (count, coverage, weights), expected = case
    actual = bucket_ranges(count, coverage, weights)
    assert [pytest.approx(one, abs=1e-9) for one in expected] == actual


@pytest.mark.parametrize("case", CASES["chooseVariation"], ids=lambda case: case[0])
def test_choose(case: list[Any]) -> None:
    _, position, ranges, expected = case
    actual = choose(position, [(start, end) for start, end in ranges])
    assert (-1 if actual is None else actual) == expected


@pytest.mark.parametrize("case", CASES["getEqualWeights"], ids=lambda case: str(case[0]))
def test_equal_weights(case: list[Any]) -> None:
    count, expected = case
    assert equal_weights(count) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("case", CASES["inNamespace"], ids=lambda case: case[0])
def test_a_namespace_is_half_open(case: list[Any]) -> None:
    _, unit_id, (name, start, end), expected = case
    assert in_range(version_one(f"__{name}", unit_id), (start, end)) is expected
