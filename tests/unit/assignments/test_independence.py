"""Assignments of different experiments have nothing to do with one another, and namespaces share no unit."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from random import Random

import numpy as np
import pytest
from scipy import stats

from fairsplit.domain.allocation import namespace_position
from fairsplit.domain.eligibility import choose_variant
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.hashing import fnv1a_32
from tests.unit.making import experiment

UNITS = 60_000
WEIGHTS: list[list[float]] = [[50, 50], [50, 30, 20], [25, 25, 25, 25], [10, 90], [33.4, 33.3, 33.3], [70, 10, 20]]
RANGES = [(0, 10), (10, 35.5), (35.5, 60), (70, 100)]
RANDOM = Random(1)
HOW_MANY = {"as the service makes them": UNITS, "that differ by one digit": UNITS // 3}
SEEDS = {
    "as the service makes them": [f"{RANDOM.getrandbits(64):016x}" for _ in range(12)],
    "that differ by one digit": [f"experiment-{number}" for number in range(12)],
}
NAMES = {"as the service makes them": "user-{}", "that differ by one digit": "{}"}


def twelve(seeds: list[str]) -> list[Experiment]:
    """Experiments of 2 to 4 variants, with even and uneven weights."""
    return [
        experiment(
            seed=seed, variants=[{"key": str(key), "weight": weight} for key, weight in enumerate(WEIGHTS[number % 6])]
        )
        for number, seed in enumerate(seeds)
    ]


def holm(p_values: list[float]) -> float:
    """The least p-value after Holm's correction, which multiplies that one by how many there are."""
    return min(1.0, min(p_values) * len(p_values))


@pytest.mark.parametrize("kind", SEEDS)
def test_no_two_of_twelve_experiments_are_associated_and_each_splits_as_it_should(kind: str) -> None:
    experiments = twelve(SEEDS[kind])
    units = [NAMES[kind].format(number) for number in range(HOW_MANY[kind])]
    chosen = [np.array([int(choose_variant(one, unit, {}).variant or -1) for unit in units]) for one in experiments]
    pairs = [independence(one, other) for one, other in combinations(chosen, 2)]
    assert len(pairs) == 66
    assert holm(pairs) >= 0.001
    assert holm([split(one, found) for one, found in zip(experiments, chosen, strict=True)]) >= 0.001


def independence(one: np.ndarray, other: np.ndarray) -> float:
    """The chi-square test's p-value of a table of both."""
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)
    return float(stats.chi2_contingency(table).pvalue)


def split(one: Experiment, chosen: np.ndarray) -> float:
    """The chi-square test's p-value of the split against the weights."""
    expected = [variant.weight / 100 * len(chosen) for variant in one.variants]
    return float(stats.chisquare(np.bincount(chosen), expected).pvalue)


def test_in_a_namespace_no_unit_is_in_two_and_parts_are_as_large_as_they_say() -> None:
    parts = [
        experiment(seed=f"seed-{start}", namespace={"key": "shop", "from": start, "to": end}) for start, end in RANGES
    ]
    inside = Counter[int]()
    for number in range(UNITS):
        found = [index for index, one in enumerate(parts) if choose_variant(one, f"user-{number}", {}).variant]
        assert len(found) <= 1
        inside.update(found or [-1])
    expected = [UNITS * (end - start) / 100 for start, end in RANGES]
    free = UNITS - sum(expected)
    observed = [inside[index] for index in (*range(len(RANGES)), -1)]
    assert stats.chisquare(observed, [*expected, free]).pvalue >= 0.001


def test_the_variant_does_not_depend_on_the_place_in_the_namespace() -> None:
    one = experiment(seed="s", namespace={"key": "shop", "from": 0, "to": 40})
    assert one.namespace
    units = [f"user-{number}" for number in range(UNITS)]
    places = [(unit, namespace_position(one.namespace, unit)) for unit in units]
    held = [(unit, int(place * 25)) for unit, place in places if place < 0.4]
    variants = np.array([choose_variant(one, unit, {}).variant == "green" for unit, _ in held], dtype=int)
    assert independence(np.array([tenth for _, tenth in held]), variants) >= 0.001


def test_hash_version_1_would_tie_experiments_together() -> None:
    """Why it is never used: seeds that differ a little give splits that depend on one another."""

    def second_half(seed: str) -> np.ndarray:
        return np.array([fnv1a_32(f"user-{number}{seed}") % 1000 >= 500 for number in range(UNITS)], dtype=int)

    halves = [second_half(f"experiment-{number}") for number in range(6)]
    assert min(independence(one, other) for one, other in combinations(halves, 2)) < 1e-9
