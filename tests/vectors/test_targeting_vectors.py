"""GrowthBook's public vectors for conditions: each case is a test, three are left out by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fairsplit.domain.targeting import matches
from tests.vectors.growthbook_adapter import with_groups

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "growthbook-cases-0.8.0.json").read_text())
LEFT_OUT = {  # they order a number against a text, or against nothing
    "missing attribute with comparison operators",
    "comparing numbers and strings",
    "comparing numbers and strings - v2",
}


@pytest.mark.parametrize(
    "case", [case for case in CASES["evalCondition"] if case[0] not in LEFT_OUT], ids=lambda case: case[0]
)
def test_condition(case: list[Any]) -> None:
    _, condition, attributes, expected, *groups = case
    assert matches(with_groups(condition, groups[0] if groups else {}), attributes) is expected


def test_just_the_named_cases_are_left_out_and_they_exist() -> None:
    assert {case[0] for case in CASES["evalCondition"]} >= LEFT_OUT
