"""Clients' JSON into models, strictly; what pydantic finds becomes faults with our codes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fairsplit.domain.errors import Fault, InvalidError

M = TypeVar("M", bound=BaseModel)
CODES = {
    "enum": "unknown_value",
    "extra_forbidden": "unknown_field",
    "finite_number": "out_of_range",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "literal_error": "unknown_value",
    "missing": "required",
    "string_pattern_mismatch": "invalid_format",
    "string_too_long": "too_long",
    "string_too_short": "too_short",
    "too_long": "too_many",
    "too_short": "too_few",
    "value_error": "invalid_format",
}
MESSAGES = {
    "unknown_field": "There is no such field: check its spelling, or leave it out.",
    "required": "This field is required.",
}


def read_model(kind: type[M], body: Mapping[str, Any]) -> M:
    """The model of a JSON object. Nothing is converted: a number in quotes is no number.

    Raises:
        InvalidError: rules of single fields are broken; each has its entry.
    """
    try:
        return kind.model_validate_json(json.dumps(body), strict=True)
    except ValidationError as error:
        faults = [_fault(one) for one in error.errors(include_url=False, include_input=False)]
        raise invalid(_distinct(faults)) from error


def raise_all(faults: Sequence[Fault]) -> None:
    """Raise the faults, if there are any, as one error.

    Raises:
        InvalidError: there are.
    """
    if faults:
        raise invalid(faults)


def invalid(faults: Sequence[Fault]) -> InvalidError:
    """One error of many faults: the first one's code is its own."""
    first = faults[0]
    place = ".".join(str(part) for part in first.loc)
    more = f" ({len(faults) - 1} more in errors.)" if len(faults) > 1 else ""
    return InvalidError(first.code, f"{place}: {first.message}{more}", tuple(faults))


def _fault(error: Any) -> Fault:
    code = CODES.get(error["type"], "invalid_type" if "type" in error["type"] else error["type"])
    return Fault(_loc(error["loc"]), code, MESSAGES.get(code, f"{error['msg']}."))


def _loc(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The place in the client's JSON, without the names of the union's branches that pydantic tried."""
    return tuple(part for part in loc if part not in {"int", "float", "constrained-int", "constrained-float"})


def _distinct(faults: Sequence[Fault]) -> list[Fault]:
    """One fault a place: each branch of a union reports its own."""
    return list({fault.loc: fault for fault in reversed(faults)}.values())[::-1]
