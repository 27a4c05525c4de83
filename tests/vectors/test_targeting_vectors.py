"""GrowthBook's public vectors for conditions: each case is a test, three are left out by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fairsplit.domain.targeting import matches

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "growthbook-cases-0.8.0.json").read_text())
LEFT_OUT = {  # they order a number against a text, or against nothing
    "missing attribute with comparison operators",
    "comparing numbers and strings",
    "comparing numbers and strings - v2",
}


def with_groups(condition: Any, groups: dict[str, Any]) -> Any:
    """The condition with saved groups written out, as our lists of values."""
    if isinstance(condition, list):
        return [with_groups(one, groups) for one in condition]
    if not isinstance(condition, dict):
        return condition
    names = {"$inGroup": "$in", "$notInGroup": "$nin"}
    return {
        names.get(name, name): groups.get(value, []) if name in names else with_groups(value, groups)
        for name, value in condition.items()
    }


@pytest.mark.parametrize(
    "case", [case for case in CASES["evalCondition"] if case[0] not in LEFT_OUT], ids=lambda case: case[0]
)
def test_condition(case: list[Any]) -> None:
    _, condition, attributes, expected, *groups = case
    assert matches(with_groups(condition, groups[0] if groups else {}), attributes) is expected


def test_just_the_named_cases_are_left_out_and_they_exist() -> None:
    assert {case[0] for case in CASES["evalCondition"]} >= LEFT_OUT
