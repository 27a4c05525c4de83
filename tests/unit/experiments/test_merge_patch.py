"""JSON merge patch: the examples of RFC 7396 and what is ours."""

from __future__ import annotations

from typing import Any

import pytest

from fairsplit.domain.merge_patch import merge

# RFC 7396, appendix A: those whose target and patch are objects.
EXAMPLES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"a": "foo"}, {"a": {"b": "c"}}, {"a": {"b": "c"}}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "merged"), EXAMPLES)
def test_the_examples_of_the_rfc(target: dict[str, Any], patch: dict[str, Any], merged: dict[str, Any]) -> None:
    assert merge(target, patch) == merged


@pytest.mark.parametrize("name", ["targeting", "overrides"])
def test_conditions_and_overrides_are_replaced_whole(name: str) -> None:
    assert merge({name: {"a": 1}}, {name: {"b": None}}) == {name: {"b": None}}
    assert merge({name: {"a": 1}}, {name: None}) == {}


def test_what_is_merged_stays_as_it_was() -> None:
    target, patch = {"a": {"b": 1}}, {"a": {"c": 2}}
    merge(target, patch)
    assert (target, patch) == ({"a": {"b": 1}}, {"a": {"c": 2}})
