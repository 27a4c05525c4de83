"""Filter patterns of event source mappings: EventBridge's, as far as they apply to stream records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

MISSING = object()


def matches(pattern: Mapping[str, Any], value: Any) -> bool:
    """Whether a value meets a checked pattern: every field of it, each by any of its options."""
    fields = value if isinstance(value, Mapping) else {}
    return all(_field(name, wanted, fields) for name, wanted in pattern.items())


def check(pattern: Mapping[str, Any]) -> None:
    """See that every operator of a pattern is known.

    Raises:
        ValueError: one is not.
    """
    for wanted in pattern.values():
        if isinstance(wanted, Mapping):
            check(wanted)
        elif not isinstance(wanted, list):
            raise ValueError(f"a filter gives its options as a list: {wanted}")
        else:
            _check_options(wanted)


def _check_options(options: list[Any]) -> None:
    for option in options:
        if isinstance(option, Mapping) and not set(option) <= set(OPERATORS):
            raise ValueError(
                f"the filter {dict(option)} is not known here; these operators are: {', '.join(OPERATORS)}"
            )


def _field(name: str, wanted: Any, fields: Mapping[str, Any]) -> bool:
    actual = fields.get(name, MISSING)
    if isinstance(wanted, Mapping):
        return matches(wanted, actual)
    return any(_option(option, actual) for option in wanted)


def _option(option: Any, actual: Any) -> bool:
    if not isinstance(option, Mapping):
        return type(actual) is type(option) and bool(actual == option)
    return all(OPERATORS[name](argument, actual) for name, argument in option.items())


def _anything_but(argument: Any, actual: Any) -> bool:
    if isinstance(argument, Mapping):
        return actual is not MISSING and not _option(argument, actual)
    return actual is not MISSING and actual not in (argument if isinstance(argument, list) else [argument])


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "anything-but": _anything_but,
    "equals-ignore-case": lambda argument, actual: isinstance(actual, str) and actual.lower() == argument.lower(),
    "exists": lambda argument, actual: (actual is not MISSING and not isinstance(actual, Mapping)) is argument,
    "prefix": lambda argument, actual: isinstance(actual, str) and actual.startswith(argument),
    "suffix": lambda argument, actual: isinstance(actual, str) and actual.endswith(argument),
}
