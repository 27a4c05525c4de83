"""Names of sums by value, and which dimensions a unit has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.dimensions import is_of_dimension, name_of, partition_of, split_name, value_json, whole

VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(VALUES)
def test_a_name_tells_its_variant_and_value(value: str | int | float | bool | None) -> None:
    assert split_name(name_of("green", value_json(value))) == ("green", value_json(value))


@pytest.mark.parametrize(("one", "other"), [(3, 3.0), (1, True), (0, False), (None, "null"), ("3", 3), ("", None)])
def test_values_of_different_types_have_different_names(one: object, other: object) -> None:
    assert value_json(one) != value_json(other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "json"), [("DE", '"DE"'), ("é", '"é"'), (3, "3"), (3.0, "3.0"), (True, "true"), (None, "null")]
)
def test_a_value_is_named_by_its_json(value: object, json: str) -> None:
    assert value_json(value) == json  # type: ignore[arg-type]


def test_a_dimensions_partition_is_no_experiments() -> None:
    assert partition_of("a", "country") == "a#country"
    assert (is_of_dimension("a#country"), is_of_dimension("a")) == (True, False)


def test_all_declared_dimensions_have_a_value_and_no_others() -> None:
    assert whole(["a", "b", "c"], {"b": 0, "c": None, "d": 1}) == {"a": None, "b": 0, "c": None}
