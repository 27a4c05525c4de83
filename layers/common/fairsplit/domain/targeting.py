"""Targeting: GrowthBook's public condition language, pinned by its test vectors.

A condition is an object of attribute paths and what their values must be: `{"country": {"$in": ["DE", "FR"]}}`. What
cannot be compared does not match; values of different types are never ordered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from fairsplit.domain.errors import Fault, InvalidError
from fairsplit.domain.safe_patterns import longest_text, why_unsafe

DEEPEST = 10
MOST_NODES = 200


def matches(condition: Mapping[str, Any], attributes: Any) -> bool:
    """Whether the attributes meet the condition; the empty condition is met by all."""
    return first_unmet(condition, attributes) is None


def first_unmet(condition: Mapping[str, Any], attributes: Any) -> str | None:
    """The first name of the condition that the attributes do not meet; None where they meet all."""
    return next((name for name, wanted in condition.items() if not _meets(name, wanted, attributes)), None)


def _meets(name: str, wanted: Any, attributes: Any) -> bool:
    if name in LOGICAL:
        return LOGICAL[name](wanted, attributes)
    return _value_matches(wanted, _at_path(attributes, name))


def _any_of(conditions: Any, attributes: Any) -> bool:
    return not conditions or any(matches(one, attributes) for one in conditions)


LOGICAL: dict[str, Callable[[Any, Any], bool]] = {
    "$or": _any_of,
    "$nor": lambda conditions, attributes: not _any_of(conditions, attributes),
    "$and": lambda conditions, attributes: all(matches(one, attributes) for one in conditions),
    "$not": lambda condition, attributes: not matches(condition, attributes),
}


def _at_path(attributes: Any, path: str) -> Any:
    """The value at a dotted path; None where there is none."""
    for name in path.split("."):
        if not isinstance(attributes, Mapping):
            return None
        attributes = attributes.get(name)
    return attributes


def _value_matches(wanted: Any, actual: Any, *, fold_case: bool = False) -> bool:
    if _is_operators(wanted):
        return all(_compare(name, argument, actual) for name, argument in wanted.items())
    return _equal(_folded(wanted), _folded(actual)) if fold_case else _equal(wanted, actual)


def _is_operators(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(name.startswith("$") for name in value)


def _compare(name: str, argument: Any, actual: Any) -> bool:
    compare = OPERATORS.get(name)
    return compare is not None and compare(argument, actual)


def _equal(one: Any, other: Any) -> bool:
    """Equality of JSON values: true is not 1, lists and objects are compared through and through."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[name], other[name]) for name in one)
    return type(one) is type(other) and one == other if not _both(one, other, int | float) else bool(one == other)


def _both(one: Any, other: Any, kind: Any) -> bool:
    return isinstance(one, kind) and isinstance(other, kind)


def _folded(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _ordered(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(argument: Any, actual: Any) -> bool:
        if isinstance(argument, bool) or isinstance(actual, bool):
            return False
        comparable = _both(argument, actual, int | float) or _both(argument, actual, str)
        return comparable and holds(actual, argument)

    return compare


def _by_version(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda argument, actual: holds(version_key(actual), version_key(argument))


def version_key(value: Any) -> str:
    """A text whose order is that of versions: `1.10.0` behind `1.9.0`, a pre-release before its release."""
    text = value if isinstance(value, str) else str(value) if isinstance(value, int | float) else "0"
    parts = re.split(r"[-.]", re.sub(r"(^v|\+.*$)", "", text or "0"))
    if len(parts) == 3:
        parts.append("~")
    return "-".join(part.rjust(5) if part.isdigit() else part for part in parts)


def _is_in(options: Any, actual: Any, *, fold_case: bool = False) -> bool:
    if not isinstance(options, list):
        return False
    values = actual if isinstance(actual, list) else [actual]
    fold = _folded if fold_case else lambda value: value
    return any(_equal(fold(option), fold(value)) for value in values for option in options)


def _not_in(options: Any, actual: Any, *, fold_case: bool = False) -> bool:
    return isinstance(options, list) and not _is_in(options, actual, fold_case=fold_case)


def _all_in(wanted: Any, actual: Any, *, fold_case: bool = False) -> bool:
    if not isinstance(wanted, list) or not isinstance(actual, list):
        return False
    return all(any(_value_matches(one, value, fold_case=fold_case) for value in actual) for one in wanted)


def _element_matches(condition: Any, actual: Any) -> bool:
    if not isinstance(actual, list):
        return False
    check = _value_matches if _is_operators(condition) else matches
    return any(check(condition, value) for value in actual)


def _finds(pattern: Any, actual: Any, flags: int = 0) -> bool:
    compiled = _compiled(pattern, flags) if _both(pattern, actual, str) else None
    return compiled is not None and len(actual) <= longest_text(pattern) and compiled.search(actual) is not None


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: int) -> re.Pattern[str] | None:
    return None if why_unsafe(pattern) else re.compile(pattern, flags)


TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": _equal,
    "$ne": lambda wanted, actual: not _equal(wanted, actual),
    "$lt": _ordered(lambda actual, limit: actual < limit),
    "$lte": _ordered(lambda actual, limit: actual <= limit),
    "$gt": _ordered(lambda actual, limit: actual > limit),
    "$gte": _ordered(lambda actual, limit: actual >= limit),
    "$veq": _by_version(lambda actual, other: actual == other),
    "$vne": _by_version(lambda actual, other: actual != other),
    "$vlt": _by_version(lambda actual, other: actual < other),
    "$vlte": _by_version(lambda actual, other: actual <= other),
    "$vgt": _by_version(lambda actual, other: actual > other),
    "$vgte": _by_version(lambda actual, other: actual >= other),
    "$exists": lambda wanted, actual: (actual is not None) == bool(wanted),
    "$in": _is_in,
    "$ini": lambda options, actual: _is_in(options, actual, fold_case=True),
    "$nin": _not_in,
    "$nini": lambda options, actual: _not_in(options, actual, fold_case=True),
    "$all": _all_in,
    "$alli": lambda wanted, actual: _all_in(wanted, actual, fold_case=True),
    "$size": lambda wanted, actual: isinstance(actual, list) and _value_matches(wanted, len(actual)),
    "$elemMatch": _element_matches,
    "$not": lambda wanted, actual: not _value_matches(wanted, actual),
    "$regex": _finds,
    "$regexi": lambda pattern, actual: _finds(pattern, actual, re.IGNORECASE),
    "$type": lambda name, actual: isinstance(name, str) and name in TYPES and TYPES[name](actual),
}
LISTS = {"$in", "$ini", "$nin", "$nini", "$all", "$alli", "$or", "$nor", "$and"}
CONDITIONS = {"$or", "$nor", "$and"}


def check(condition: Mapping[str, Any]) -> None:
    """Check a condition before it is stored.

    Raises:
        InvalidError: it is too deep or too large, has an unknown operator, an argument of a wrong type, or a pattern
            that could take too long.
    """
    if _depth(condition) > DEEPEST:
        raise _fault((), "condition_too_deep", f"A condition may be nested {DEEPEST} levels deep at most.")
    if _nodes(condition) > MOST_NODES:
        raise _fault((), "condition_too_large", f"A condition may have {MOST_NODES} values at most.")
    _check_condition(condition, ())


def _check_condition(condition: Any, loc: tuple[str | int, ...]) -> None:
    if not isinstance(condition, Mapping):
        raise _fault(loc, "invalid_type", "A condition has to be an object.")
    for name, wanted in condition.items():
        if name in CONDITIONS:
            for index, one in enumerate(_list(wanted, (*loc, name))):
                _check_condition(one, (*loc, name, index))
        elif name == "$not":
            _check_condition(wanted, (*loc, name))
        elif name in OPERATORS:
            raise _fault((*loc, name), "operator_without_attribute", f"{name} belongs under an attribute's name.")
        elif name.startswith("$"):
            raise _unknown_operator(name, (*loc, name), [*CONDITIONS, "$not"])
        else:
            _check_value(wanted, (*loc, name))


def _check_value(wanted: Any, loc: tuple[str | int, ...]) -> None:
    if not isinstance(wanted, dict) or not any(name.startswith("$") for name in wanted):
        return
    for name, argument in wanted.items():
        _check_operator(name, argument, (*loc, name))


def _check_operator(name: str, argument: Any, loc: tuple[str | int, ...]) -> None:
    if name not in OPERATORS:
        raise _unknown_operator(name, loc, OPERATORS)
    elements = _list(argument, loc) if name in LISTS else []
    if name in {"$all", "$alli"}:
        for index, one in enumerate(elements):
            _check_value(one, (*loc, index))
    if name == "$type" and not (isinstance(argument, str) and argument in TYPES):
        raise _fault(loc, "unknown_value", f"$type has to be one of: {', '.join(TYPES)}.")
    if name in {"$not", "$size"}:
        _check_value(argument, loc)
    if name == "$elemMatch":
        _check_value(argument, loc) if _is_operators(argument) else _check_condition(argument, loc)
    if name in {"$regex", "$regexi"}:
        reason = why_unsafe(argument) if isinstance(argument, str) else "it is no text"
        if reason:
            raise _fault(loc, "dangerous_pattern", f"The pattern cannot be taken: {reason}.")


def _unknown_operator(name: str, loc: tuple[str | int, ...], known: Iterable[str]) -> InvalidError:
    return _fault(loc, "unknown_operator", f"{name[:64]} is none of: {', '.join(sorted(known))}.")


def _list(value: Any, loc: tuple[str | int, ...]) -> list[Any]:
    if not isinstance(value, list):
        raise _fault(loc, "invalid_type", "This operator takes a list.")
    return value


def _fault(loc: tuple[str | int, ...], code: str, message: str) -> InvalidError:
    return InvalidError(code, message, (Fault(("targeting", *loc), code, message),))


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        depth += 1
        level = [child for one in level for child in _children(one) if isinstance(child, dict | list)]
    return depth


def _nodes(value: Any) -> int:
    count, level = 1, [value]
    while level and count <= MOST_NODES:
        level = [child for one in level for child in _children(one)]
        count += len(level)
    return count


def _children(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []
