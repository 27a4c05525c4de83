"""What results say: the numbers of each variant, and each treatment against the control."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairsplit.domain.answers import estimate_json, exact_json, guardrail_json, notes_json, plain
from fairsplit.domain.experiment import Metric
from fairsplit.domain.figures import Figures
from fairsplit.domain.metric import ALL_EVENTS
from fairsplit.domain.moments import UNITS, Moments
from fairsplit.domain.stats.comparison import Comparison, describe
from fairsplit.domain.stats.correction import adjust
from fairsplit.domain.stats.guardrails import Guardrail
from fairsplit.domain.stats.notes import Note

METHOD = Note("method_not_available", "The experiment asks for another method; this is the frequentist one.")
FAMILIES = ("primary", "secondary")  # guardrails are in no family
Place = tuple[str, str]  # a metric's key, and a treatment's


def variants(figures: Figures, moments: Moments) -> list[dict[str, Any]]:
    """The numbers of each variant that is asked for."""
    whole = moments.units("units")
    return [
        {
            "key": key,
            "units": moments.get(key, UNITS, "units"),
            "share": moments.get(key, UNITS, "units") / whole if whole else None,
            "metrics": {metric.key: _numbers(figures, metric, key, moments) for metric in figures.metrics()},
        }
        for key in figures.variants()
    ]


def comparisons(figures: Figures, moments: Moments) -> list[dict[str, Any]]:
    """Each treatment against the control, for each metric, corrected over all that are in its family."""
    others = [one.key for one in figures.experiment.variants if one.key != figures.experiment.control]
    found = {
        (metric.key, variant): figures.compare(metric, variant, moments)
        for metric in figures.experiment.metrics
        for variant in others
    }
    adjusted = _adjusted(figures, found)
    return [
        _comparison_json(figures, metric, variant, found[metric.key, variant], adjusted.get((metric.key, variant)))
        for metric in figures.metrics()
        for variant in figures.treatments()
    ]


def events_of(moments: Moments) -> int:
    """How many events count, each once."""
    return sum(value for (_, name, field), value in moments.sums.items() if name == ALL_EVENTS and field == "events")


def _numbers(figures: Figures, metric: Metric, variant: str, moments: Moments) -> dict[str, Any]:
    sample = figures.sample(metric, variant, moments)
    if isinstance(sample, Note):
        names = ("events", "units_with_event", "sum", "mean", "variance", "ci")
        return dict.fromkeys(names) | {"notes": notes_json([sample])}
    own = describe(sample, kind=metric.kind, alpha=figures.alpha)
    sums = figures.sums(metric, variant, moments)
    numbers = {
        "events": sums("events"),
        "units_with_event": sums("units_with_event"),
        "sum": plain(sums("sum")),
        "mean": own.mean,
        "variance": own.variance,
        "ci": list(own.ci) if own.ci else None,
    }
    if metric.kind == "ratio":
        numbers["denominator_sum"] = plain(sample.denominator_sum)
    return numbers | ({"notes": notes_json(own.notes)} if own.notes else {})


def _adjusted(figures: Figures, found: Mapping[Place, Comparison | Note]) -> dict[Place, float | None]:
    """Adjusted p-values: over all of a family, whatever part of it is asked for.

    Primary metrics take the analysis' correction, secondary ones Benjamini–Hochberg among themselves.
    """
    method = figures.question.correction or figures.experiment.analysis.correction
    result: dict[Place, float | None] = {}
    for role in FAMILIES:
        keys = {metric.key for metric in figures.experiment.metrics if metric.role == role}
        family = {place: one for place, one in found.items() if place[0] in keys}
        p_values = [None if isinstance(one, Note) else one.p_value for one in family.values()]
        family_method = "bh" if role == "secondary" and method != "none" else method
        result |= zip(family, adjust(family_method, p_values), strict=True)
    return result


def _comparison_json(
    figures: Figures, metric: Metric, variant: str, found: Comparison | Note, adjusted: float | None
) -> dict[str, Any]:
    absolute, relative = (None, None) if isinstance(found, Note) else (found.absolute, found.relative)
    judged = adjusted if metric.role in FAMILIES or isinstance(found, Note) else found.p_value
    notes = [found] if isinstance(found, Note) else [*found.notes]
    guardrail = None if isinstance(found, Note) else _guardrail(figures, metric, found)
    if figures.experiment.analysis.method != "frequentist":
        notes.append(METHOD)
    return {
        "metric": metric.key,
        "role": metric.role,
        "control": figures.experiment.control,
        "variant": variant,
        "absolute": estimate_json(absolute),
        "relative": estimate_json(relative),
        "p_value": absolute.p_value if absolute else None,
        "adjusted_p_value": judged,
        "significant": None if judged is None else judged < figures.alpha,
        "chance_to_win": None,
        "expected_loss": None,
        "method": None if isinstance(found, Note) else found.method,
        "exact": None if isinstance(found, Note) else exact_json(found.exact),
        "guardrail": guardrail_json(guardrail),
        "statistic": absolute.statistic if absolute else None,
        "df": absolute.df if absolute else None,
        "cuped": {"used": False, "theta": None, "variance_reduction": None},
        "notes": notes_json(notes),
    }


def _guardrail(figures: Figures, metric: Metric, found: Comparison) -> Guardrail | None:
    if metric.role != "guardrail" or metric.margin is None:
        return None
    return found.guardrail(margin=float(metric.margin), direction=metric.direction, alpha=figures.alpha)
