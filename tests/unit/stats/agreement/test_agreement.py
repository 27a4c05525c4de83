"""Each case of the table: the peer still says what is frozen, and Fairsplit says the same to nine digits."""

from __future__ import annotations

import math
from importlib.metadata import version
from typing import Any

import pytest

from tests.unit.stats.agreement.freeze import Case, answer_of_peer, cases, library
from tests.unit.stats.agreement.ours import OURS
from tests.unit.stats.agreement.peers import PEERS

CASES = cases()
SMALLEST_P = 1e-4  # gbstats forms p as 1 − cdf, and has no digits left far below

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])


def same(found: Any, expected: Any, rel: float) -> None:
    """Number by number; what is exactly 0 has to be 0 to a billionth."""
    assert found == pytest.approx(expected, rel=rel, abs=0 if expected else 1e-9)


@each_case
def test_we_say_the_same(case: Case) -> None:
    ours = OURS[case["question"]](case["inputs"])
    for name, expected in case["expected"].items():
        assert ours[name] is not None, name
        same(ours[name], expected, rel=1e-9)


@each_case
def test_the_peer_still_says_what_is_frozen(case: Case) -> None:
    now = answer_of_peer(case)
    assert now.keys() == case["expected"].keys()
    for name, expected in case["expected"].items():
        same(now[name], expected, rel=1e-11)


def test_the_versions_are_those_installed() -> None:
    frozen = {case["peer"].partition(": ")[0] for case in CASES}
    assert frozen == {f"{name} {version(name)}" for name in {library(case) for case in CASES}}


def test_every_way_of_asking_is_asked_under_a_name_of_its_own() -> None:
    assert {(library(case), case["question"]) for case in CASES} == set(PEERS)
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_p_values_of_gbstats_keep_their_digits() -> None:
    p_values = [
        case["expected"]["p_value"] for case in CASES if library(case) == "gbstats" and case["question"] == "difference"
    ]
    assert len(p_values) > 10
    assert min(p_values) > SMALLEST_P


def test_all_frozen_numbers_are_finite() -> None:
    for case in CASES:
        for value in case["expected"].values():
            assert all(map(math.isfinite, value if isinstance(value, list) else [value])), case["name"]
