"""What results say: the numbers of each variant, and each treatment against the control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fairsplit.domain.experiment import Metric
from fairsplit.domain.metric import ALL_EVENTS
from fairsplit.domain.moments import UNITS, Moments
from fairsplit.domain.results.answers import notes_json, plain
from fairsplit.domain.results.figures import Figures
from fairsplit.domain.results.judgements import Judgement
from fairsplit.domain.stats.beliefs import chances
from fairsplit.domain.stats.comparison import describe
from fairsplit.domain.stats.notes import Note
from fairsplit.domain.stats.sample import Sample


def variants(figures: Figures, moments: Moments, judged: Sequence[Judgement]) -> list[dict[str, Any]]:
    """The numbers of each variant that is asked for."""
    whole = moments.units("units")
    best = {metric.key: chances_to_be_best(metric, figures.experiment.control, judged) for metric in figures.metrics()}
    return [
        {
            "key": key,
            "units": moments.get(key, UNITS, "units"),
            "share": moments.get(key, UNITS, "units") / whole if whole else None,
            "metrics": {
                metric.key: _numbers(figures, metric, key, moments) | {"chance_to_be_best": best[metric.key].get(key)}
                for metric in figures.metrics()
            },
        }
        for key in figures.variants()
    ]


def comparisons(figures: Figures, judged: Sequence[Judgement]) -> list[dict[str, Any]]:
    """The comparisons that are asked for."""
    metrics, treatments = {one.key for one in figures.metrics()}, figures.treatments()
    wanted = (one for one in judged if one.metric.key in metrics and one.variant in treatments)
    return [one.as_json(figures.experiment.control) for one in wanted]


def chances_to_be_best(metric: Metric, control: str, judged: Sequence[Judgement]) -> Mapping[str, float]:
    """The chance of each variant to be the best for a metric; none where a comparison has no posterior."""
    mine = [one for one in judged if one.metric.key == metric.key]
    beliefs = [one.found.belief for one in mine if not isinstance(one.found, Note) and one.found.belief]
    if not beliefs or len(beliefs) < len(mine):
        return {}
    return dict(zip([control, *(one.variant for one in mine)], chances(beliefs, metric.direction), strict=True))


def events_of(moments: Moments) -> int:
    """How many events count, each once."""
    return sum(value for (_, name, field), value in moments.sums.items() if name == ALL_EVENTS and field == "events")


def _numbers(figures: Figures, metric: Metric, variant: str, moments: Moments) -> dict[str, Any]:
    sample = figures.sample(metric, variant, moments)
    if isinstance(sample, Note):
        names = ("events", "units_with_event", "units", "sum", "mean", "variance", "ci")
        return dict.fromkeys(names) | {"notes": notes_json([sample])}
    sums, window = figures.counted(metric, moments), figures.window_note(metric, moments)
    counts = {name: sums.get(variant, name) for name in ("events", "units_with_event")}
    return counts | estimate_of(sample, metric, alpha=figures.plan.alpha, notes=(window,) if window else ())


def estimate_of(sample: Sample, metric: Metric, *, alpha: float, notes: Sequence[Note] = ()) -> dict[str, Any]:
    """What a variant's sums say of it alone; `notes` are there where a number is null, or something is to be known."""
    own = describe(sample, kind=metric.kind, alpha=alpha)
    numbers: dict[str, Any] = {
        "units": sample.units,
        "sum": plain(sample.sum, sample.scale),
        "mean": own.mean,
        "variance": own.variance,
        "ci": list(own.ci) if own.ci else None,
    }
    if metric.kind == "ratio":
        numbers["denominator_sum"] = plain(sample.denominator_sum, sample.scale)
    return numbers | ({"notes": notes_json([*own.notes, *notes])} if own.notes or notes else {})
