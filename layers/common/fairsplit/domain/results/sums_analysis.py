"""The analysis of sums that somebody brings, by the very code that results go by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairsplit.domain.experiment import Metric
from fairsplit.domain.results.answers import split_json
from fairsplit.domain.results.figures import plan_of
from fairsplit.domain.results.judgements import Judgement, judge
from fairsplit.domain.results.report import chances_to_be_best, estimate_of
from fairsplit.domain.results.sums_question import SumsQuestion
from fairsplit.domain.stats.comparison import Comparison, compare
from fairsplit.domain.stats.group_sequential import counted_looks
from fairsplit.domain.stats.plan import PlannedLook
from fairsplit.domain.stats.sample import Sample
from fairsplit.domain.stats.srm import ratio_mismatch


def analysed(question: SumsQuestion, samples: Mapping[str, Sample]) -> dict[str, Any]:
    """The split, each variant and each comparison, as results answer them."""
    judged = _judgements(question, samples)
    metric = _metric(question)
    best = chances_to_be_best(metric, question.control, judged)
    whole = sum(sample.units for sample in samples.values())
    alpha = float(question.analysis.alpha)
    return {
        "srm": split_json(
            ratio_mismatch(
                {key: sample.units for key, sample in samples.items()},
                {variant.key: variant.weight for variant in question.variants},
            )
        ),
        "variants": [
            {
                "key": key,
                "units": sample.units,
                "share": sample.units / whole if whole else None,
                "metrics": {
                    metric.key: estimate_of(sample, metric, alpha=alpha) | {"chance_to_be_best": best.get(key)}
                },
            }
            for key, sample in samples.items()
        ],
        "comparisons": [one.as_json(question.control) for one in judged],
    }


def _judgements(question: SumsQuestion, samples: Mapping[str, Sample]) -> list[Judgement]:
    analysis = question.analysis
    plan = plan_of(analysis, method=analysis.method, alpha=float(analysis.alpha), cuped=analysis.cuped)
    look = _look(question, samples)

    def compared(metric: Metric, variant: str) -> Comparison:
        return compare(samples[question.control], samples[variant], kind=metric.kind, plan=plan, look=look)

    treatments = [key for key in samples if key != question.control]
    return judge([_metric(question)], treatments, compared, alpha=plan.alpha, correction=analysis.correction)


def _look(question: SumsQuestion, samples: Mapping[str, Sample]) -> PlannedLook | None:
    """This look, behind the earlier ones; None where no end is planned."""
    planned = question.analysis.planned_units
    if planned is None or question.analysis.method != "sequential":
        return None
    units = [*question.analysis.looks, sum(sample.units for sample in samples.values())]
    fractions = counted_looks(tuple(min(1.0, one / planned) for one in units))
    return PlannedLook(fractions, len(fractions) - 1) if fractions else None


def _metric(question: SumsQuestion) -> Metric:
    one = question.metric
    return Metric(key=one.key, kind=one.kind, role=one.role, direction=one.direction, margin=one.margin)
