"""An event source mapping as the template describes it, and the filters that choose its records."""

from __future__ import annotations

import json
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from typing import Any

from local.templates import Function, Template


@dataclass(frozen=True)
class Mapping:
    """One event source mapping."""

    id: str
    function: str
    table: str  # logical id
    batch_size: int = 100
    window_seconds: float = 0
    factor: int = 1
    retries: int = -1
    oldest_seconds: int = -1
    bisects: bool = False
    partial: bool = False
    tumbling_seconds: int = 0
    from_start: bool = True
    dead_letters: str | None = None
    patterns: tuple[Dictionary[str, Any], ...] = ()

    def takes(self, record: Dictionary[str, Any]) -> bool:
        """Whether the record passes the filters: any pattern, or there are none."""
        return not self.patterns or any(matches(pattern, record) for pattern in self.patterns)


def mappings(template: Template, functions: list[Function]) -> list[Mapping]:
    """The event source mappings of all functions."""
    return [
        _mapping(f"{function.name}.{name}", function.name, template.value(event["Properties"]))
        for function in functions
        for name, event in function.events.items()
        if event["Type"] == "DynamoDB"
    ]


def _mapping(mapping_id: str, function: str, properties: Dictionary[str, Any]) -> Mapping:
    filters = properties.get("FilterCriteria", {}).get("Filters", [])
    failure = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    return Mapping(
        id=mapping_id,
        function=function,
        table=properties["Stream"].removesuffix(".StreamArn"),
        batch_size=int(properties.get("BatchSize", 100)),
        window_seconds=float(properties.get("MaximumBatchingWindowInSeconds", 0)),
        factor=int(properties.get("ParallelizationFactor", 1)),
        retries=int(properties.get("MaximumRetryAttempts", -1)),
        oldest_seconds=int(properties.get("MaximumRecordAgeInSeconds", -1)),
        bisects=bool(properties.get("BisectBatchOnFunctionError", False)),
        partial="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
        tumbling_seconds=int(properties.get("TumblingWindowInSeconds", 0)),
        from_start=properties.get("StartingPosition") == "TRIM_HORIZON",
        dead_letters=failure.removesuffix(".Arn") if failure else None,
        patterns=tuple(json.loads(one["Pattern"]) for one in filters),
    )


def matches(pattern: Dictionary[str, Any], value: Any) -> bool:
    """Whether a value meets an EventBridge pattern: every field of it, each by any of its options."""
    if not isinstance(value, Dictionary):
        value = {}
    return all(
        matches(wanted, value.get(name)) if isinstance(wanted, dict) else _meets_any(wanted, name, value)
        for name, wanted in pattern.items()
    )


def _meets_any(options: list[Any], name: str, value: Dictionary[str, Any]) -> bool:
    return any(_meets(option, name, value) for option in options)


def _meets(option: Any, name: str, value: Dictionary[str, Any]) -> bool:
    if not isinstance(option, dict):
        return name in value and bool(value[name] == option)
    kind, argument = next(iter(option.items()))
    actual = value.get(name)
    if kind == "exists":
        return (name in value) is argument
    if kind == "prefix":
        return isinstance(actual, str) and actual.startswith(argument)
    if kind == "suffix":
        return isinstance(actual, str) and actual.endswith(argument)
    if kind == "anything-but":
        return name in value and actual not in (argument if isinstance(argument, list) else [argument])
    raise ValueError(f"the filter {kind} is not known here")
