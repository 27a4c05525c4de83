"""Dimensions: which values a unit has, and the names under which sums are kept by value.

The sums of a dimension stand in a partition of their own, `{experiment}#{dimension}`. There a variant's name is
followed by a value's JSON: `control="DE"`, `control=3`, `control=3.0`, `control=true`, and `control=null` for the units
of which no value is known. Keys of experiments have no `#`, keys of variants no `=`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

Value = str | int | float | bool | None
LONGEST = 128  # characters of a text


def whole(declared: Iterable[str], kept: Mapping[str, Value]) -> dict[str, Value]:
    """The values of all declared dimensions and of no others; None where none was kept."""
    return {name: kept.get(name) for name in declared}


def given(declared: Iterable[str], attributes: Mapping[str, Any]) -> dict[str, Value]:
    """The values of all declared dimensions: texts cut at 128 characters, None where no plain value was given."""
    plain = {name: value for name, value in attributes.items() if isinstance(value, str | int | float)}
    return {
        name: value[:LONGEST] if isinstance(value, str) else value for name, value in whole(declared, plain).items()
    }


def partition_of(experiment: str, dimension: str) -> str:
    """Where the sums by the values of a dimension stand."""
    return f"{experiment}#{dimension}"


def is_of_dimension(partition: str) -> bool:
    """Whether a partition holds sums by value."""
    return "#" in partition


def value_json(value: Value) -> str:
    """A value as it stands in a name: 3 and 3.0, true and 1, null and "null" are different."""
    return json.dumps(value, ensure_ascii=False)


def name_of(variant: str, value: str) -> str:
    """The name of a variant and a value's JSON."""
    return f"{variant}={value}"


def split_name(name: str) -> tuple[str, str]:
    """The variant and the value's JSON of a name."""
    variant, _, value = name.partition("=")
    return variant, value
