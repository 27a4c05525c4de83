"""An event source mapping as the template describes it."""

from __future__ import annotations

import json
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from typing import Any

from local.streams.patterns import check, matches
from local.streams.source import Record
from local.templates import Function, Template


@dataclass(frozen=True)
class Mapping:
    """One event source mapping. Retries and ages below 0 have no end."""

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
    dead_letters: str | None = None
    patterns: tuple[Dictionary[str, Any], ...] = ()

    def takes(self, record: Record) -> bool:
        """Whether the record passes the filters: any pattern, or there are none."""
        return not self.patterns or any(matches(pattern, record) for pattern in self.patterns)


def mappings(template: Template, functions: list[Function]) -> list[Mapping]:
    """The event source mappings of all functions.

    Raises:
        ValueError: one asks for what cannot be done here.
    """
    return [
        _mapping(f"{function.name}.{name}", function.name, template.value(event["Properties"]))
        for function in functions
        for name, event in function.events.items()
        if event["Type"] == "DynamoDB"
    ]


def _mapping(mapping_id: str, function: str, properties: Dictionary[str, Any]) -> Mapping:
    if properties.get("StartingPosition") != "TRIM_HORIZON":
        raise ValueError(f"{mapping_id}: only TRIM_HORIZON loses nothing that was written before the start")
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
        dead_letters=failure.removesuffix(".Arn") if failure else None,
        patterns=tuple(_pattern(one["Pattern"]) for one in filters),
    )


def _pattern(text: str) -> Dictionary[str, Any]:
    pattern: dict[str, Any] = json.loads(text)
    check(pattern)
    return pattern
