"""GrowthBook's public vectors for experiments, features and sticky variations: each case is a test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.vectors.growthbook_adapter import Client
from tests.vectors.test_targeting_vectors import LEFT_OUT

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "growthbook-cases-0.8.0.json").read_text())
BANDITS = 7  # at the end of `feature`: contextual bandits, which Fairsplit has not
OURS = (
    "evalCondition", "hash", "getBucketRange", "chooseVariation", "getEqualWeights", "inNamespace",
    "run", "feature", "stickyBucket",
)  # fmt: skip


def features() -> list[Any]:
    return list(CASES["feature"][:-BANDITS])


@pytest.mark.parametrize("case", CASES["run"], ids=lambda case: case[0])
def test_run(case: list[Any]) -> None:
    _, context, experiment, value, is_in, used = case
    result = Client(context).run(experiment)
    assert (result["value"], result["inExperiment"], result["hashUsed"]) == (value, is_in, used)


@pytest.mark.parametrize("case", features(), ids=lambda case: case[0])
def test_feature(case: list[Any]) -> None:
    _, context, key, expected = case
    assert told(Client(context).feature(key), expected) == expected


@pytest.mark.parametrize("case", CASES["stickyBucket"], ids=lambda case: case[0])
def test_sticky_variation(case: list[Any]) -> None:
    _, context, documents, key, expected, after = case
    kept = {f"{one['attributeName']}||{one['attributeValue']}": one for one in documents}
    own = {f"{name}||{value}" for name, value in context["attributes"].items()}
    mine = {name: one for name, one in kept.items() if name in own}
    client = Client(context, context.get("stickyBucketAssignmentDocs", {}) | mine)
    result = client.feature(key).get("experimentResult")
    assert (told(result, expected) if expected else result) == expected
    assert client.documents == after


def test_all_cases_that_are_ours_run() -> None:
    bandits = [json.dumps(case) for case in CASES["feature"][-BANDITS:]]
    assert all("andit" in case for case in bandits)
    assert not any("andit" in json.dumps(case) for case in features())
    assert sum(len(CASES[name]) for name in OURS) - BANDITS == 445
    assert len(LEFT_OUT) == 3


def told(result: Any, expected: Any) -> Any:
    """What the result says of the names that a case expects, within and within."""
    if isinstance(result, dict) and isinstance(expected, dict):
        return {name: told(result[name], expected[name]) for name in expected if name in result}
    return result
