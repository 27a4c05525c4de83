"""Exported results: the answer of results as a flat table, one row for each metric and variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairsplit.domain.export.lines import Cell

OF_VARIANT = ("events", "units_with_event", "sum", "mean", "variance", "ci_low", "ci_high")
OF_COMPARISON = (
    "control", "absolute", "absolute_ci_low", "absolute_ci_high", "relative", "relative_ci_low", "relative_ci_high",
    "p_value", "adjusted_p_value", "significant", "chance_to_win", "expected_loss", "method", "notes",
)  # fmt: skip
HEADER = ("as_of", "metric", "role", "variant", "units", *OF_VARIANT, *OF_COMPARISON)


def rows(results: Mapping[str, Any], roles: Mapping[str, str]) -> Iterator[list[Cell]]:
    """The rows, metric by metric; `roles` are those of the metrics, in their order. A control is compared with none."""
    compared = {(one["metric"], one["variant"]): one for one in results["comparisons"]}
    for metric, role in roles.items():
        for variant in results["variants"]:
            key = variant["key"]
            own: list[Cell] = [results["as_of"], metric, role, key, variant["units"]]
            yield [*own, *_of_variant(variant["metrics"][metric]), *_of_comparison(compared.get((metric, key)))]


def _of_variant(numbers: Mapping[str, Any]) -> list[Cell]:
    return [*(numbers.get(name) for name in OF_VARIANT[:-2]), *_both(numbers.get("ci"))]


def _of_comparison(one: Mapping[str, Any] | None) -> list[Cell]:
    if one is None:
        return [None] * len(OF_COMPARISON)
    effects = [
        cell for name in ("absolute", "relative") for cell in (one[name]["estimate"], *_both(one[name].get("ci")))
    ]
    plain = [one[name] for name in OF_COMPARISON[7:-1]]
    return [one["control"], *effects, *plain, " ".join(note["code"] for note in one["notes"]) or None]


def _both(interval: Any) -> list[Cell]:
    return list(interval) if interval else [None, None]
