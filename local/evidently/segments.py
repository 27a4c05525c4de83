"""An audience segment's pattern as a targeting condition, where one says exactly the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from local.evidently.errors import RefusedError


def condition_of(pattern: Any, path: str = "") -> dict[str, Any]:
    """The condition that the same attributes meet. `path` is where in the attributes the pattern begins.

    Raises:
        RefusedError: there is none.
    """
    parts = list(_parts(pattern, path))
    together: dict[str, Any] = {}
    for part in parts:
        if together.keys() & part.keys():
            return {"$and": parts}
        together |= part
    return together


def _parts(pattern: Any, path: str) -> Iterator[dict[str, Any]]:
    """What all has to be met."""
    if not isinstance(pattern, dict) or not pattern:
        raise RefusedError(f"a pattern has to be an object with attributes, not {str(pattern)[:40]}")
    for name, wanted in pattern.items():
        if name == "$or":
            yield {"$or": [condition_of(one, path) for one in _list(wanted, name)]}
        elif "." in name or name.startswith("$"):
            raise RefusedError(f"no condition can name the attribute {name}")
        elif isinstance(wanted, dict):
            yield from _parts(wanted, f"{path}{name}.")
        else:
            yield _any_of(f"{path}{name}", _list(wanted, name))


def _any_of(path: str, options: list[Any]) -> dict[str, Any]:
    plain = [one for one in options if not isinstance(one, dict)]
    if None in plain:
        raise RefusedError(f"{path}: null cannot be told from an attribute that is not there")
    alternatives = [{path: {"$in": plain}}] if plain else []
    alternatives += [{path: _operator(path, one)} for one in options if isinstance(one, dict)]
    return alternatives[0] if len(alternatives) == 1 else {"$or": alternatives}


def _operator(path: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    try:
        ((name, argument),) = wanted.items()
        return OPERATORS[name](argument)
    except (KeyError, TypeError, ValueError) as error:
        known = ", ".join(OPERATORS)
        raise RefusedError(f"{path}: {str(dict(wanted))[:80]} is none of {known} that can be taken over") from error


def _anything_but(argument: Any) -> dict[str, Any]:
    values = argument if isinstance(argument, list) else [argument]
    if any(isinstance(one, dict) for one in values):
        raise ValueError(argument)
    return {"$exists": True, "$nin": values}


def _numeric(argument: list[Any]) -> dict[str, Any]:
    pairs = zip(argument[::2], argument[1::2], strict=True)
    return {COMPARISONS[sign]: float(number) if isinstance(number, float) else int(number) for sign, number in pairs}


COMPARISONS = {"=": "$eq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}
OPERATORS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "anything-but": _anything_but,
    "numeric": _numeric,
    "exists": lambda wanted: {"$exists": bool(wanted)},
    "prefix": lambda text: {"$regex": f"^{re.escape(text)}"},
    "suffix": lambda text: {"$regex": f"{re.escape(text)}$"},
}


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise RefusedError(f"{name} has to be a list of what it may be")
    return value
