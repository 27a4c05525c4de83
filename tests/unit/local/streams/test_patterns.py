"""Filters choose records as EventBridge patterns do."""

from __future__ import annotations

from typing import Any

import pytest

from local.streams.patterns import check, matches

RECORD = {
    "eventName": "MODIFY",
    "dynamodb": {"Keys": {"pk": {"S": "unit#1"}}, "NewImage": {"n": {"N": "5"}, "gone": {"NULL": True}}},
    "userIdentity": {"type": "Service"},
}
CASES: list[tuple[Any, bool]] = [
    ({}, True),
    ({"eventName": ["INSERT", "MODIFY"]}, True),
    ({"eventName": ["INSERT"]}, False),
    ({"eventName": []}, False),
    ({"eventName": ["MODIFY"], "userIdentity": {"type": ["Service"]}}, True),
    ({"eventName": ["MODIFY"], "userIdentity": {"type": ["Person"]}}, False),
    ({"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "unit#"}]}}}}, True),
    ({"dynamodb": {"Keys": {"pk": {"S": [{"prefix": "heart#"}]}}}}, False),
    ({"dynamodb": {"Keys": {"pk": {"S": [{"suffix": "#1"}]}}}}, True),
    ({"dynamodb": {"NewImage": {"gone": {"NULL": [True]}}}}, True),
    ({"dynamodb": {"NewImage": {"gone": {"NULL": [1]}}}}, False),
    ({"dynamodb": {"NewImage": {"n": {"N": [5]}}}}, False),
    ({"dynamodb": {"OldImage": {"n": {"N": ["5"]}}}}, False),
    ({"dynamodb": {"OldImage": {"n": {"N": [{"exists": False}]}}}}, True),
    ({"dynamodb": {"NewImage": {"n": {"N": [{"exists": True}]}}}}, True),
    ({"dynamodb": {"NewImage": {"n": {"N": [{"exists": False}]}}}}, False),
    ({"dynamodb": {"NewImage": {"n": {"N": [{"anything-but": ["5"]}]}}}}, False),
    ({"dynamodb": {"NewImage": {"n": {"N": [{"anything-but": "6"}]}}}}, True),
    ({"dynamodb": {"OldImage": {"n": {"N": [{"anything-but": "6"}]}}}}, False),
    ({"dynamodb": {"Keys": {"pk": {"S": [{"anything-but": {"prefix": "unit"}}]}}}}, False),
    ({"eventName": [{"equals-ignore-case": "modify"}]}, True),
]


@pytest.mark.parametrize(("pattern", "expected"), CASES)
def test_a_record_passes_a_pattern_where_each_of_its_fields_meets_an_option(pattern: Any, expected: bool) -> None:
    check(pattern)
    assert matches(pattern, RECORD) is expected


@pytest.mark.parametrize("pattern", [{"a": {"b": [{"numeric": [">", 5]}]}}, {"$or": [{"a": ["b"]}]}, {"a": "b"}])
def test_a_pattern_that_cannot_be_followed_here_is_refused(pattern: Any) -> None:
    with pytest.raises(ValueError, match="filter"):
        check(pattern)
