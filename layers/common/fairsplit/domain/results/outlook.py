"""How far an experiment is, as its figures tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from fairsplit.domain.moments import UNITS, Moments
from fairsplit.domain.results.figures import Figures
from fairsplit.domain.results.judgements import Judgement
from fairsplit.domain.results.progress import Baseline, Progress, daily_rate, progress, units_needed
from fairsplit.domain.stats.notes import Note
from fairsplit.domain.stats.power import detectable
from fairsplit.domain.timestamps import day_of


def outlook(figures: Figures, by_day: Mapping[date, Moments], judged: Sequence[Judgement], now: datetime) -> Progress:
    """What is needed to find the analysis' `mde` in every primary metric; `planned_units` go before."""
    experiment = figures.experiment
    new = new_units(by_day)
    needed = experiment.analysis.planned_units or _needed(figures, judged)
    rate = None
    if experiment.started_at and not experiment.completed_at:
        today, last = day_of(now), figures.question.last
        behind = today if last is None or last >= today else last + timedelta(days=1)
        rate = daily_rate(new, behind, day_of(experiment.started_at))
    found = progress(needed, sum(new.values()), rate)
    return replace(found, mde_now=mde_now(judged, float(experiment.analysis.power)))


def mde_now(judged: Sequence[Judgement], power: float) -> float | None:
    """The smallest lift that the units of now find in every primary metric; None where one of them cannot tell."""
    found = [_mde(one, power) for one in judged if one.metric.role == "primary"]
    known = [one for one in found if one is not None]
    return max(known) if known and len(known) == len(found) else None


def _mde(one: Judgement, power: float) -> float | None:
    if isinstance(one.found, Note):
        return None
    contrast, critical = one.found.contrast, one.found.absolute.critical
    if not contrast.control or not contrast.variance:
        return None
    return detectable(contrast.variance, alpha=one.alpha, power=power, critical=critical) / abs(contrast.control)


def new_units(by_day: Mapping[date, Moments]) -> dict[date, int]:
    """How many units were assigned on each day."""
    counts = {
        day: sum(value for (_, name, field), value in moments.sums.items() if (name, field) == (UNITS, "units"))
        for day, moments in by_day.items()
    }
    return {day: count for day, count in counts.items() if count}


def _needed(figures: Figures, judged: Sequence[Judgement]) -> int | None:
    weights = {one.key: float(one.weight) for one in figures.experiment.variants}
    analysis = figures.experiment.analysis
    return units_needed(
        [_baseline(one, weights, figures.experiment.control) for one in judged if one.metric.role == "primary"],
        plan=figures.plan,
        power=float(analysis.power),
        mde=float(analysis.mde),
        weights=sum(weights.values()),
    )


def _baseline(one: Judgement, weights: Mapping[str, float], control: str) -> Baseline:
    """What a comparison starts from; without numbers it has no variance."""
    found = None if isinstance(one.found, Note) else one.found.contrast
    variances = [part * (df + 1) for part, df in found.spreads] if found and found.spreads else [0.0, 0.0]
    mean = (found.control or 0.0) if found else 0.0
    return Baseline(mean, variances[0], variances[1], weights[control], weights[one.variant])
