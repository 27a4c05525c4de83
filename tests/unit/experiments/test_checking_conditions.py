"""Conditions of targeting, before they are stored: what is refused, where, and how large one may be."""

from __future__ import annotations

from typing import Any

import pytest

from fairsplit.domain.errors import InvalidError
from fairsplit.domain.targeting import OPERATORS, check, matches
from tests.outcomes import FINE, outcome_of


def nested(levels: int) -> dict[str, Any]:
    """A condition of so many objects one in the other."""
    condition: dict[str, Any] = {"id": 1}
    for _ in range(levels - 1):
        condition = {"$not": condition}
    return condition


def checked(condition: Any) -> str:
    return outcome_of(lambda: check(condition))


@pytest.mark.parametrize(
    "condition",
    [
        {}, {"country": "DE"}, {"a.b": None}, {"a": {"x": 1}}, {"a": {}}, {"a": [1, {"$gt": 1}]},
        {"$and": []}, {"$or": [{"a": 1}, {"$nor": [{"b": {"$gt": 1}}]}]}, {"$not": {"a": 1}},
        {"a": {"$not": {"$in": [1]}}}, {"a": {"$size": {"$gt": 1}}}, {"a": {"$elemMatch": {"b": {"$gt": 1}}}},
        {"a": {"$elemMatch": {"$gt": 1, "$lt": 5}}}, {"a": {"$all": [{"$regex": "x"}, 5]}}, {"a": {"$type": "null"}},
    ],
)  # fmt: skip
def test_what_the_language_knows_is_taken(condition: dict[str, Any]) -> None:
    assert checked(condition) == FINE


@pytest.mark.parametrize(
    ("condition", "code", "loc"),
    [
        ({"a": {"$within": 1}}, "unknown_operator", ["a", "$within"]),
        ({"a": {"$gt": 1, "b": 2}}, "unknown_operator", ["a", "b"]),
        ({"$xor": [{"a": 1}]}, "unknown_operator", ["$xor"]),
        ({"$or": [{"a": 1}, {"$nand": []}]}, "unknown_operator", ["$or", 1, "$nand"]),
        ({"a": {"$not": {"$within": 1}}}, "unknown_operator", ["a", "$not", "$within"]),
        ({"a": {"$size": {"$within": 1}}}, "unknown_operator", ["a", "$size", "$within"]),
        ({"a": {"$elemMatch": {"$within": 1}}}, "unknown_operator", ["a", "$elemMatch", "$within"]),
        ({"a": {"$elemMatch": {"b": {"$within": 1}}}}, "unknown_operator", ["a", "$elemMatch", "b", "$within"]),
        ({"a": {"$all": [1, {"$within": 1}]}}, "unknown_operator", ["a", "$all", 1, "$within"]),
        ({"a": {"$alli": [{"$regex": "(a+)+"}]}}, "dangerous_pattern", ["a", "$alli", 0, "$regex"]),
        ({"a": {"$regexi": 5}}, "dangerous_pattern", ["a", "$regexi"]),
        ({"$gt": 1}, "operator_without_attribute", ["$gt"]),
        ({"$not": {"$exists": True}}, "operator_without_attribute", ["$not", "$exists"]),
        ({"$and": {"a": 1}}, "invalid_type", ["$and"]),
        ({"$nor": [[]]}, "invalid_type", ["$nor", 0]),
        ({"$not": 1}, "invalid_type", ["$not"]),
        ({"a": {"$nini": "x"}}, "invalid_type", ["a", "$nini"]),
        ({"a": {"$elemMatch": 1}}, "invalid_type", ["a", "$elemMatch"]),
        ({"a": {"$type": "text"}}, "unknown_value", ["a", "$type"]),
    ],
)
def test_what_it_does_not_know_is_refused_where_it_stands(condition: Any, code: str, loc: list[Any]) -> None:
    with pytest.raises(InvalidError) as caught:
        check(condition)
    assert caught.value.code == code
    assert list(caught.value.faults[0].loc) == ["targeting", *loc]


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_every_operator_is_taken_under_an_attribute_and_not_alone(name: str) -> None:
    argument = {"$type": "string", "$regex": "x", "$regexi": "x", "$elemMatch": {}}.get(name, [])
    assert checked({"a": {name: argument}}) == FINE
    assert name == "$not" or checked({name: argument}) == "operator_without_attribute"


def test_a_condition_may_be_ten_levels_deep() -> None:
    assert checked(nested(10)) == FINE
    assert checked(nested(11)) == "condition_too_deep"
    assert checked(nested(400)) == "condition_too_deep"


def test_a_condition_may_have_two_hundred_values() -> None:
    assert checked({"a": {"$in": list(range(197))}}) == FINE
    assert checked({"a": {"$in": list(range(198))}}) == "condition_too_large"
    assert checked({f"a{number}": 1 for number in range(10**5)}) == "condition_too_large"


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_an_operator_says_yes_or_no_whatever_it_meets(name: str) -> None:
    arguments: list[Any] = [None, 5, "x", True, "string", [1, "x"], {"b": 1}, {"$gt": 1}]
    values: list[Any] = [None, 5, "x", True, [1], {"b": 1}]
    taken = [{"a": {name: one}} for one in arguments if checked({"a": {name: one}}) == FINE]
    answers = [matches(condition, {"a": value}) for condition in taken for value in values]
    assert answers
    assert set(answers) <= {True, False}
