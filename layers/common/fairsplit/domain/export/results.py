"""Exported results: the answer of results as a flat table, one row for each metric and variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairsplit.domain.export.lines import Cell

# Columns, and where their values are in the numbers of a variant's metric, and in a comparison.
OF_VARIANT = {
    "metric_units": "units",
    "events": "events",
    "units_with_event": "units_with_event",
    "sum": "sum",
    "denominator_sum": "denominator_sum",
    "mean": "mean",
    "variance": "variance",
    "ci_low": "ci.0",
    "ci_high": "ci.1",
    "chance_to_be_best": "chance_to_be_best",
}
OF_COMPARISON = {
    "control": "control",
    "absolute": "absolute.estimate",
    "absolute_ci_low": "absolute.ci.0",
    "absolute_ci_high": "absolute.ci.1",
    "relative": "relative.estimate",
    "relative_ci_low": "relative.ci.0",
    "relative_ci_high": "relative.ci.1",
    "p_value": "p_value",
    "adjusted_p_value": "adjusted_p_value",
    "significant": "significant",
    "method": "method",
    "statistic": "statistic",
    "df": "df",
    "chance_to_win": "chance_to_win",
    "expected_loss": "expected_loss",
    "exact_method": "exact.method",
    "exact_p_value": "exact.p_value",
    "exact_ci_low": "exact.ci.0",
    "exact_ci_high": "exact.ci.1",
    "guardrail": "guardrail.status",
    "guardrail_p_value": "guardrail.p_value",
    "guardrail_bound": "guardrail.bound",
    "cuped_used": "cuped.used",
    "cuped_theta": "cuped.theta",
    "cuped_variance_reduction": "cuped.variance_reduction",
}
HEADER = ("as_of", "metric", "role", "variant", "units", *OF_VARIANT, *OF_COMPARISON, "notes")


def rows(results: Mapping[str, Any], roles: Mapping[str, str]) -> Iterator[list[Cell]]:
    """The rows, metric by metric; `roles` are those of the metrics. A control is compared with none."""
    compared = {(one["metric"], one["variant"]): one for one in results["comparisons"]}
    for metric in results["variants"][0]["metrics"]:
        for variant in results["variants"]:
            key, numbers = variant["key"], variant["metrics"][metric]
            comparison = compared.get((metric, key))
            own = [results["as_of"], metric, roles.get(metric), key, variant["units"]]
            alone = [_at(path, numbers) for path in OF_VARIANT.values()]
            yield [
                *own,
                *alone,
                *(_at(path, comparison) for path in OF_COMPARISON.values()),
                _notes(numbers, comparison),
            ]


def _at(path: str, value: Any) -> Any:
    """What is there at the path; None where nothing is."""
    for name in path.split("."):
        if value is None:
            return None
        value = value[int(name)] if isinstance(value, list) else value.get(name)
    return value


def _notes(*noted: Mapping[str, Any] | None) -> str | None:
    """The codes of all notes, each once, with spaces between them."""
    notes: Sequence[Mapping[str, str]] = [note for one in noted if one for note in one.get("notes", ())]
    return " ".join(dict.fromkeys(note["code"] for note in notes)) or None
