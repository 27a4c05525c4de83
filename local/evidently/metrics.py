"""A metric goal as metrics.

Evidently reports the mean of the values that it collected, so of events and not of units. That is a ratio here: the sum
of the values over the number of events. Its interval is still one of units, who are what was randomised.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fairsplit.domain.evidently_names import key_of_feature

USUAL_ENTITY = "userdetails.userid"
THERE = [{"exists": True}]


def metrics_of(goal: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The metrics of a goal, and what is to be said of it; no metrics where they would count something else."""
    definition = goal.get("metricDefinition") or {}
    name, value_key, entity_key = (str(definition.get(one) or "") for one in ("name", "valueKey", "entityIdKey"))
    if not value_key:
        return [], [f"metric {name} left out: it has no valueKey"]
    if any(path not in {value_key, entity_key} or wanted != THERE for path, wanted in _asked(definition)):
        hint = f"its eventPattern asks for more than {value_key}; send those events under a name of their own"
        return [], [f"metric {name} left out: {hint}"]
    usual = entity_key.lower() in {USUAL_ENTITY, ""}
    notes = [] if usual else [f"metric {name}: deploy with the parameter EvidentlyEntityIdKey={entity_key}"]
    return _ratio(name, value_key, "decrease" if goal.get("desiredChange") == "DECREASE" else "increase"), notes


def _ratio(name: str, value_key: str, direction: str) -> list[dict[str, Any]]:
    key, total, number = (key_of_feature(f"{name}{end}") for end in ("", "-sum", "-count"))
    return [
        {"key": key, "kind": "ratio", "numerator": total, "denominator": number, "role": "primary"}
        | {"direction": direction},
        {"key": total, "kind": "mean", "event_type": value_key, "direction": direction},
        {"key": number, "kind": "count", "event_type": value_key},
    ]


def _asked(definition: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the goal's pattern asks of events, by its path."""
    pattern = definition.get("eventPattern")
    if isinstance(pattern, str):
        try:
            pattern = json.loads(pattern)
        except ValueError:
            pattern = {"eventPattern": pattern}
    return _leaves(pattern or {}, "")


def _leaves(pattern: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name, wanted in pattern.items() if isinstance(pattern, dict) else [("", pattern)]:
        if isinstance(wanted, dict):
            yield from _leaves(wanted, f"{path}{name}.")
        else:
            yield f"{path}{name}", wanted
