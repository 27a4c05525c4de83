"""Comparisons judged together: corrected for how many there are, and said to be better, worse or unclear."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fairsplit.domain.experiment import Metric
from fairsplit.domain.results.answers import (
    belief_json,
    cuped_json,
    estimate_json,
    exact_json,
    guardrail_json,
    notes_json,
)
from fairsplit.domain.stats.comparison import Comparison
from fairsplit.domain.stats.correction import adjust
from fairsplit.domain.stats.guardrails import Guardrail
from fairsplit.domain.stats.notes import Note

FAMILIES = ("primary", "secondary")  # guardrails are in no family


@dataclass(frozen=True, slots=True)
class Judgement:
    """One treatment against the control for one metric, or why there is nothing to compare.

    `adjusted_p_value` is corrected for all comparisons of its family; of a guardrail it is the p-value itself.
    """

    metric: Metric
    variant: str
    found: Comparison | Note
    adjusted_p_value: float | None
    alpha: float

    @property
    def significant(self) -> bool | None:
        """Whether the adjusted p-value is below alpha; None without one."""
        return None if self.adjusted_p_value is None else self.adjusted_p_value < self.alpha

    @property
    def verdict(self) -> str:
        """`better` or `worse` in the metric's direction, `unclear`, or `unknown` where there are no numbers."""
        if isinstance(self.found, Note):
            return "unknown"
        if self.found.belief:
            chance = self.found.belief.chance_to_win(self.metric.direction)
            loss = self.found.belief.chance_to_lose(self.metric.direction)
            return "better" if loss < self.alpha / 2 else "worse" if chance < self.alpha / 2 else "unclear"
        if self.significant is None:
            return "unknown"
        if not self.significant or not self.found.contrast.difference:
            return "unclear"
        return "better" if (self.found.contrast.difference > 0) == (self.metric.direction == "increase") else "worse"

    @property
    def guardrail(self) -> Guardrail | None:
        """The verdict on a guardrail; None of any other metric, or where nothing can be judged."""
        return guardrail_of(self.metric, self.found)

    def as_json(self, control: str) -> dict[str, Any]:
        """What results say of it."""
        found = None if isinstance(self.found, Note) else self.found
        absolute, relative = (found.absolute, found.relative) if found else (None, None)
        return {
            "metric": self.metric.key,
            "role": self.metric.role,
            "control": control,
            "variant": self.variant,
            "absolute": estimate_json(absolute),
            "relative": estimate_json(relative),
            "p_value": absolute.p_value if absolute else None,
            "adjusted_p_value": self.adjusted_p_value,
            "significant": self.significant,
            **belief_json(found.belief if found else None, self.metric.direction),
            "method": found.method if found else None,
            "exact": exact_json(found.exact if found else None),
            "guardrail": guardrail_json(self.guardrail),
            "statistic": absolute.statistic if absolute else None,
            "df": absolute.df if absolute else None,
            "cuped": cuped_json(found.adjustment if found else None),
            "notes": notes_json([self.found] if isinstance(self.found, Note) else self.found.notes),
        }


def judge(
    metrics: Iterable[Metric],
    treatments: Sequence[str],
    compare: Callable[[Metric, str], Comparison | Note],
    *,
    alpha: float,
    correction: str,
) -> list[Judgement]:
    """Judge each metric of each treatment.

    Primary metrics of all treatments are one family, with the correction; secondary ones are another, by
    Benjamini–Hochberg unless nothing is to be corrected.
    """
    found = [(metric, variant, compare(metric, variant)) for metric in metrics for variant in treatments]
    adjusted: dict[int, float | None] = {}
    for role in FAMILIES:
        family = {number: one[2] for number, one in enumerate(found) if one[0].role == role}
        method = "bh" if role == "secondary" and correction != "none" else correction
        adjusted |= zip(family, adjust(method, [_p_value(one) for one in family.values()]), strict=True)
    return [
        Judgement(metric, variant, one, adjusted.get(number, _p_value(one)), alpha)
        for number, (metric, variant, one) in enumerate(found)
    ]


def guardrail_of(metric: Metric, found: Comparison | Note) -> Guardrail | None:
    """The verdict of a comparison on a guardrail; None of any other metric, or where nothing can be judged."""
    if isinstance(found, Note) or metric.role != "guardrail" or metric.margin is None:
        return None
    return found.guardrail(margin=float(metric.margin), direction=metric.direction)


def _p_value(found: Comparison | Note) -> float | None:
    return None if isinstance(found, Note) else found.p_value
