"""Clients' JSON into models, strictly; what pydantic finds becomes faults with our codes and words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fairsplit.domain.errors import Fault, InvalidError

M = TypeVar("M", bound=BaseModel)
MOST_FAULTS = 100
LONGEST_PART = 256  # characters of a field's name, as a client sent it
UNION_BRANCHES = {"int", "float", "constrained-int", "constrained-float", "bool", "dict[str,any]"}
UNKNOWN = "There is no such field: check its spelling, or leave it out."
NUMBER = "Send a number; one in quotes is none."
WORDS = {  # pydantic's word for a fault: ours, and what to do
    "bool_type": ("invalid_type", "Send true or false."),
    "datetime_type": ("invalid_type", "Send a timestamp as text, such as 2026-03-01T12:00:00Z."),
    "dict_type": ("invalid_type", "Send an object."),
    "enum": ("unknown_value", "Send one of: {expected}."),
    "extra_forbidden": ("unknown_field", UNKNOWN),
    "finite_number": ("out_of_range", "Send a finite number."),
    "float_type": ("invalid_type", NUMBER),
    "greater_than": ("out_of_range", "Send a number greater than {gt}."),
    "greater_than_equal": ("out_of_range", "Send a number of at least {ge}."),
    "int_from_float": ("invalid_type", "Send a whole number."),
    "int_parsing_size": ("out_of_range", "Send a smaller number."),
    "int_type": ("invalid_type", "Send a whole number."),
    "less_than": ("out_of_range", "Send a number less than {lt}."),
    "less_than_equal": ("out_of_range", "Send a number of at most {le}."),
    "literal_error": ("unknown_value", "Send one of: {expected}."),
    "missing": ("required", "This field is required."),
    "model_type": ("invalid_type", "Send an object."),
    "string_pattern_mismatch": ("invalid_format", "Send a text that matches {pattern}."),
    "string_too_long": ("too_long", "Send a text of at most {max_length} characters."),
    "string_too_short": ("too_short", "Send a text of at least {min_length} character(s)."),
    "string_type": ("invalid_type", "Send a text."),
    "too_long": ("too_many", "Send at most {max_length}."),
    "too_short": ("too_few", "Send at least {min_length}."),
    "tuple_type": ("invalid_type", "Send a list."),
    "value_error": ("invalid_format", "This is no timestamp that can be taken: {error}."),
}


def read_model(kind: type[M], body: Mapping[str, Any]) -> M:
    """The model of a JSON object. Nothing is converted: a number in quotes is no number.

    Raises:
        InvalidError: rules of single fields are broken; each has its entry.
    """
    try:
        return kind.model_validate_json(json.dumps(body), strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise invalid(_distinct([_fault(one) for one in found if not _is_consequence(one, found)])) from error


def unknown_field(*loc: str) -> Fault:
    """The fault of a field that there is not."""
    return Fault(loc, "unknown_field", UNKNOWN)


def raise_all(faults: Sequence[Fault]) -> None:
    """Raise the faults, if there are any, as one error.

    Raises:
        InvalidError: there are.
    """
    if faults:
        raise invalid(faults)


def invalid(faults: Sequence[Fault]) -> InvalidError:
    """One error of many faults: the first one's code is its own. It holds 100 of them at most, with short names."""
    shown = tuple(replace(fault, loc=tuple(map(_short, fault.loc))) for fault in faults[:MOST_FAULTS])
    place = ".".join(str(part) for part in shown[0].loc)
    more = f" ({len(shown) - 1} more in errors.)" if len(shown) > 1 else ""
    return InvalidError(shown[0].code, f"{place}: {shown[0].message}{more}", shown)


def _short(part: str | int) -> str | int:
    return part[:LONGEST_PART] if isinstance(part, str) else part


def _fault(error: Any) -> Fault:
    code, message = WORDS.get(error["type"], ("invalid_value", f"{error['msg']}."))
    if code == "invalid_type" and error["loc"][-1] in {"int", "float"}:
        message = NUMBER
    if code == "invalid_type" and error["loc"][-1] in {"bool", "dict[str,any]"}:  # a schema is either
        message = "Send an object, or true or false."
    return Fault(_loc(error["loc"]), code, message.format(**error.get("ctx", {})))


def _loc(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The place in the client's JSON, without the name of the union's branch that pydantic tried."""
    return loc[:-1] if len(loc) > 1 and loc[-1] in UNION_BRANCHES else loc


def _is_consequence(error: Any, others: Sequence[Any]) -> bool:
    """Whether a list is called too short only because what stands in it has faults of its own."""
    loc = error["loc"]
    return error["type"] == "too_short" and any(one["loc"][: len(loc)] == loc != one["loc"] for one in others)


def _distinct(faults: Sequence[Fault]) -> list[Fault]:
    """One fault a place: each branch of a union reports its own."""
    return list({fault.loc: fault for fault in reversed(faults)}.values())[::-1]
