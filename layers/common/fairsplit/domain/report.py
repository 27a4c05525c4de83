"""From sums to the answer: each variant's numbers, each comparison, the split, and the series by day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fairsplit.domain.experiment import Experiment, Metric
from fairsplit.domain.metric import ALL_EVENTS
from fairsplit.domain.moments import NOTHING, UNITS, Moments, total
from fairsplit.domain.question import Question
from fairsplit.domain.stats.comparison import Comparison, compare, describe
from fairsplit.domain.stats.correction import adjust
from fairsplit.domain.stats.guardrails import Guardrail
from fairsplit.domain.stats.notes import Note
from fairsplit.domain.stats.sample import ImpossibleSumsError, Sample
from fairsplit.domain.stats.small_counts import Exact
from fairsplit.domain.stats.srm import RatioMismatch, ratio_mismatch
from fairsplit.domain.totals import SCALE

RECOUNTING = Note("recounting", "The metric changed: its numbers come when the recount is through.")
INCONSISTENT = Note(
    "sums_inconsistent", "The sums do not fit together: they are just being changed, or were damaged. Read them again."
)
METHOD = Note("method_not_available", "The experiment asks for another method; this is the frequentist one.")
LEFT_OUT = ("mixed", "heavy")  # units that comparisons leave out
FAMILIES = ("primary", "secondary")  # guardrails are in no family
Place = tuple[str, str]  # a metric's key, and a treatment's


@dataclass(frozen=True)
class Report:
    """Answers one question about one experiment.

    `fingerprints` names each metric's sums; a metric in `incomplete` is being recounted and has no numbers yet.
    """

    experiment: Experiment
    question: Question
    fingerprints: Mapping[str, str]
    incomplete: frozenset[str] = frozenset()

    @property
    def alpha(self) -> float:
        return self.question.alpha or self.experiment.analysis.alpha

    def metrics(self) -> list[Metric]:
        """The metrics that the question asks for."""
        wanted = self.question
        return [
            metric
            for metric in self.experiment.metrics
            if wanted.metric in {None, metric.key} and wanted.event_type in {None, *self._event_types(metric)}
        ]

    def treatments(self) -> list[str]:
        """The variants that are compared with the control."""
        keys = [variant.key for variant in self.experiment.variants if variant.key != self.experiment.control]
        return [key for key in keys if self.question.variant in {None, key}]

    def variants(self, moments: Moments) -> list[dict[str, Any]]:
        """The numbers of each variant that is asked for."""
        total = moments.units("units")
        return [
            {
                "key": variant.key,
                "units": moments.get(variant.key, UNITS, "units"),
                "share": moments.get(variant.key, UNITS, "units") / total if total else None,
                "metrics": {metric.key: self._numbers(metric, variant.key, moments) for metric in self.metrics()},
            }
            for variant in self.experiment.variants
            if self.question.variant in {None, variant.key}
        ]

    def comparisons(self, moments: Moments) -> list[dict[str, Any]]:
        """Each treatment against the control, for each metric, corrected over all that are in its family."""
        others = [one.key for one in self.experiment.variants if one.key != self.experiment.control]
        found = {
            (metric.key, variant): self._compare(metric, variant, moments)
            for metric in self.experiment.metrics
            for variant in others
        }
        adjusted = self._adjusted(found)
        return [
            self._comparison_json(metric, variant, found[metric.key, variant], adjusted.get((metric.key, variant)))
            for metric in self.metrics()
            for variant in self.treatments()
        ]

    def split(self, moments: Moments, counted: Sequence[str] = ("units",)) -> RatioMismatch:
        """Whether the variants got their shares of the units that are counted in these ways."""
        keys = [one.key for one in self.experiment.variants]
        units = {key: sum(moments.get(key, UNITS, name) for name in counted) for key in keys}
        return ratio_mismatch(units, {one.key: one.weight for one in self.experiment.variants})

    def days(self, by_day: Mapping[date, Moments]) -> list[date]:
        """The days of a series: from the first to the last that has anything, inside what is asked for."""
        if not by_day:
            return []
        first = max(self.question.first or date.min, min(by_day))
        return _days(first, max([*by_day, first]))

    def series(self, by_day: Mapping[date, Moments]) -> list[dict[str, Any]]:
        """The sums up to each day; a day without any is filled in."""
        wanted = self.days(by_day)
        moments = total(before for day, before in by_day.items() if wanted and day < wanted[0])
        days = []
        for day in wanted:
            new = by_day.get(day, NOTHING)
            moments += new
            days.append(self._day_json(day, new, moments))
        return days

    def sample(self, metric: Metric, variant: str, moments: Moments) -> Sample | Note:
        """The sums of a variant and metric, or why there is nothing to be computed from them."""
        if self.fingerprints[metric.key] in self.incomplete:
            return RECOUNTING
        try:
            return self._sample(metric, variant, moments)
        except ImpossibleSumsError:
            return INCONSISTENT

    def _sample(self, metric: Metric, variant: str, moments: Moments) -> Sample:
        units = moments.get(variant, UNITS, "units")
        above = self._sums(metric.numerator if metric.kind == "ratio" else metric.key, variant, moments)
        if metric.kind != "ratio":
            return Sample(units, above("sum"), above("sum_of_squares"), SCALE)
        below = self._sums(metric.denominator, variant, moments)
        return Sample(
            units,
            above("sum"),
            above("sum_of_squares"),
            SCALE,
            denominator_sum=below("sum"),
            denominator_sum_of_squares=below("sum_of_squares"),
            cross_product_sum=moments.get(variant, self.fingerprints[metric.key], "cross_product_sum"),
        )

    def _sums(self, key: str | None, variant: str, moments: Moments) -> Callable[[str], int]:
        fingerprint = self.fingerprints[key or ""]
        return lambda name: moments.get(variant, fingerprint, name)

    def _event_types(self, metric: Metric) -> set[str | None]:
        parts = {metric.key, metric.numerator, metric.denominator}
        return {one.event_type for one in self.experiment.metrics if one.key in parts and one.event_type}

    def _numbers(self, metric: Metric, variant: str, moments: Moments) -> dict[str, Any]:
        sample = self.sample(metric, variant, moments)
        if isinstance(sample, Note):
            names = ("events", "units_with_event", "sum", "mean", "variance", "ci")
            return dict.fromkeys(names) | {"notes": notes_json([sample])}
        own = describe(sample, kind=metric.kind, alpha=self.alpha)
        sums = self._sums(metric.numerator if metric.kind == "ratio" else metric.key, variant, moments)
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

    def _compare(self, metric: Metric, variant: str, moments: Moments) -> Comparison | Note:
        control, treatment = (self.sample(metric, key, moments) for key in (self.experiment.control, variant))
        if isinstance(control, Note):
            return control
        if isinstance(treatment, Note):
            return treatment
        return compare(control, treatment, kind=metric.kind, alpha=self.alpha)

    def _adjusted(self, found: Mapping[Place, Comparison | Note]) -> dict[Place, float | None]:
        """Adjusted p-values: over all of a family, whatever part of it is asked for.

        Primary metrics take the analysis' correction, secondary ones Benjamini–Hochberg among themselves.
        """
        method = self.question.correction or self.experiment.analysis.correction
        result: dict[Place, float | None] = {}
        for role in FAMILIES:
            keys = {metric.key for metric in self.experiment.metrics if metric.role == role}
            family = {place: one for place, one in found.items() if place[0] in keys}
            p_values = [None if isinstance(one, Note) else one.p_value for one in family.values()]
            family_method = "bh" if role == "secondary" and method != "none" else method
            result |= zip(family, adjust(family_method, p_values), strict=True)
        return result

    def _comparison_json(
        self, metric: Metric, variant: str, found: Comparison | Note, adjusted: float | None
    ) -> dict[str, Any]:
        absolute, relative = (None, None) if isinstance(found, Note) else (found.absolute, found.relative)
        judged = adjusted if metric.role in FAMILIES or isinstance(found, Note) else found.p_value
        notes = [found] if isinstance(found, Note) else [*found.notes]
        guardrail = None if isinstance(found, Note) else self._guardrail(metric, found)
        if self.experiment.analysis.method != "frequentist":
            notes.append(METHOD)
        return {
            "metric": metric.key,
            "role": metric.role,
            "control": self.experiment.control,
            "variant": variant,
            "absolute": _estimate_json(absolute),
            "relative": _estimate_json(relative),
            "p_value": absolute.p_value if absolute else None,
            "adjusted_p_value": judged,
            "significant": None if judged is None else judged < self.alpha,
            "chance_to_win": None,
            "expected_loss": None,
            "method": None if isinstance(found, Note) else found.method,
            "exact": None if isinstance(found, Note) else _exact_json(found.exact),
            "guardrail": _guardrail_json(guardrail),
            "statistic": absolute.statistic if absolute else None,
            "df": absolute.df if absolute else None,
            "cuped": {"used": False, "theta": None, "variance_reduction": None},
            "notes": notes_json(notes),
        }

    def _guardrail(self, metric: Metric, found: Comparison) -> Guardrail | None:
        if metric.role != "guardrail" or metric.margin is None:
            return None
        return found.guardrail(margin=float(metric.margin), direction=metric.direction, alpha=self.alpha)

    def _day_json(self, day: date, new: Moments, moments: Moments) -> dict[str, Any]:
        keys = [one.key for one in self.experiment.variants if self.question.variant in {None, one.key}]
        comparisons = [(metric, key) for metric in self.metrics() for key in self.treatments()]
        return {
            "date": day.isoformat(),
            "variants": [
                {
                    "key": key,
                    "new_units": new.get(key, UNITS, "units"),
                    "units": moments.get(key, UNITS, "units"),
                    "metrics": {one.key: self._day_numbers(one, key, new, moments) for one in self.metrics()},
                }
                for key in keys
            ],
            "comparisons": [
                {
                    "metric": metric.key,
                    "variant": key,
                    **_estimate_json(None if isinstance(found, Note) else found.absolute),
                }
                for metric, key in comparisons
                for found in [self._compare(metric, key, moments)]
            ],
        }

    def _day_numbers(self, metric: Metric, variant: str, new: Moments, moments: Moments) -> dict[str, Any]:
        sample = self.sample(metric, variant, moments)
        if isinstance(sample, Note):
            return {"events": None, "sum": None, "mean": None}
        sums = self._sums(metric.numerator if metric.kind == "ratio" else metric.key, variant, new)
        mean = describe(sample, kind=metric.kind, alpha=self.alpha).mean
        return {"events": sums("events"), "sum": plain(sums("sum")), "mean": mean}


def events_of(moments: Moments) -> int:
    """How many events count, each once."""
    return sum(value for (_, name, field), value in moments.sums.items() if name == ALL_EVENTS and field == "events")


def plain(value: int) -> int | float:
    """A sum in ten-thousandths as a JSON number, whole where it is."""
    return value // SCALE if value % SCALE == 0 else value / SCALE


def notes_json(notes: Sequence[Note]) -> list[dict[str, str]]:
    return [{"code": note.code, "detail": note.detail} for note in notes]


def _guardrail_json(found: Guardrail | None) -> dict[str, Any] | None:
    return {"status": found.status, "p_value": found.p_value, "bound": found.bound} if found else None


def _exact_json(found: Exact | None) -> dict[str, Any] | None:
    return {"method": found.method, "p_value": found.p_value, "ci": list(found.ci)} if found else None


def _estimate_json(found: Any) -> dict[str, Any]:
    if found is None:
        return {"estimate": None, "ci": None}
    return {"estimate": found.estimate, "ci": list(found.ci) if found.ci else None}


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
