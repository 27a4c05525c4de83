"""The figures that a question asks for: which metrics and variants, their sums, and each comparison of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fairsplit.domain.experiment import Experiment, Judging, Metric
from fairsplit.domain.moments import UNITS, Moments
from fairsplit.domain.results.judgements import Judgement, guardrail_of, judge
from fairsplit.domain.results.looks import NO_LOOK, Look, looks_at, standing, standing_note, standing_verdict
from fairsplit.domain.results.question import Question
from fairsplit.domain.stats.bayes import Prior
from fairsplit.domain.stats.comparison import Comparison, compare
from fairsplit.domain.stats.notes import Note
from fairsplit.domain.stats.plan import Plan, PlannedLook
from fairsplit.domain.stats.sample import ImpossibleSumsError, Sample
from fairsplit.domain.stats.srm import RatioMismatch, ratio_mismatch
from fairsplit.domain.totals import SCALE
from fairsplit.domain.windows import Counted, counted, window_hours

RECOUNTING = Note("recounting", "The metric changed: its numbers come when the recount is through.")
INCONSISTENT = Note(
    "sums_inconsistent", "The sums do not fit together: they are just being changed, or were damaged. Read them again."
)
LEFT_OUT = ("mixed", "heavy")  # units that comparisons leave out
BEFORE = ("pre_sum", "pre_sum_of_squares", "pre_cross_product_sum")
BELOW = ("denominator_sum", "denominator_sum_of_squares", "cross_product_sum")


@dataclass(frozen=True)
class Figures:
    """One question about one experiment, and what the experiment's sums say to it.

    `fingerprints` names each metric's sums; a metric in `incomplete` is being recounted and has no numbers yet. `looks`
    are those at a sequential experiment with a planned end, None of any other.
    """

    experiment: Experiment
    question: Question
    fingerprints: Mapping[str, str]
    incomplete: frozenset[str] = frozenset()
    looks: Sequence[Look] | None = None

    @property
    def plan(self) -> Plan:
        """How the question wants comparisons to be judged; where it does not say, as the experiment's analysis does."""
        asked, analysis = self.question, self.experiment.analysis
        return plan_of(
            analysis,
            method=asked.method or analysis.method,
            alpha=asked.alpha or float(analysis.alpha),
            cuped=analysis.cuped if asked.cuped is None else asked.cuped,
        )

    @property
    def correction(self) -> str:
        return self.question.correction or self.experiment.analysis.correction

    def metrics(self) -> list[Metric]:
        """The metrics that the question asks for."""
        wanted = self.question
        return [
            metric
            for metric in self.experiment.metrics
            if wanted.metric in {None, metric.key} and wanted.event_type in {None, *self._event_types(metric)}
        ]

    def variants(self) -> list[str]:
        """The keys of the variants that the question asks for."""
        return [one.key for one in self.experiment.variants if self.question.variant in {None, one.key}]

    def treatments(self) -> list[str]:
        """Those of them that are compared with the control."""
        return [key for key in self.variants() if key != self.experiment.control]

    def split(self, moments: Moments, counted: Sequence[str] = ("units",)) -> RatioMismatch:
        """Whether the variants got their shares of the units that are counted in these ways."""
        keys = [one.key for one in self.experiment.variants]
        units = {key: sum(moments.get(key, UNITS, name) for name in counted) for key in keys}
        return ratio_mismatch(units, {one.key: one.weight for one in self.experiment.variants})

    def sample(self, metric: Metric, variant: str, moments: Moments) -> Sample | Note:
        """The sums of a variant and metric, or why there is nothing to be computed from them."""
        if self.fingerprints[metric.key] in self.incomplete:
            return RECOUNTING
        try:
            return self._sample(metric, variant, moments)
        except ImpossibleSumsError:
            return INCONSISTENT

    def judgements(self, moments: Moments) -> list[Judgement]:
        """Each treatment against the control for each metric, whatever part of it the question asks for."""
        others = [one.key for one in self.experiment.variants if one.key != self.experiment.control]
        return judge(
            self.experiment.metrics,
            others,
            lambda metric, variant: self._at_its_look(metric, variant, moments),
            alpha=self.plan.alpha,
            correction=self.correction,
        )

    def compare(
        self, metric: Metric, variant: str, moments: Moments, look: PlannedLook | None = None
    ) -> Comparison | Note:
        """A variant against the control, or why there is nothing to compare."""
        control, treatment = (self.sample(metric, key, moments) for key in (self.experiment.control, variant))
        if isinstance(control, Note):
            return control
        if isinstance(treatment, Note):
            return treatment
        found = compare(control, treatment, kind=metric.kind, plan=self.plan, look=look)
        note = self.window_note(metric, moments)
        return found.with_note(note) if note else found

    def counted(self, metric: Metric, moments: Moments) -> Counted:
        """The sums that the metric's numbers come from: of all units, or of those whose window has ended."""
        names = self.fingerprints
        parts = (names[metric.numerator or ""], names[metric.denominator or ""]) if metric.kind == "ratio" else None
        return counted(moments, names[metric.key], [one.key for one in self.experiment.variants], parts)

    def window_note(self, metric: Metric, moments: Moments) -> Note | None:
        """Which units are counted of a metric with a window; None of any other."""
        return self.counted(metric, moments).note(window_hours(metric, self.experiment.metrics))

    def _at_its_look(self, metric: Metric, variant: str, moments: Moments) -> Comparison | Note:
        """The comparison at the look that stands; of an experiment without planned looks the one of now."""
        planned = self.experiment.analysis.planned_units
        if self.looks is None or planned is None:
            return self.compare(metric, variant, moments)
        taken = looks_at(self.fingerprints[metric.key], self.looks, planned)

        def compared(sums: Moments, place: PlannedLook) -> Comparison | Note:
            return self.compare(metric, variant, sums, place)

        if metric.role == "guardrail":
            found = standing_verdict(taken, compared, lambda one: guardrail_of(metric, one))
        else:
            found = standing(taken, compared, alpha=self.plan.alpha)
        if found is None:
            return NO_LOOK
        look, one = found
        return one if isinstance(one, Note) else one.with_note(standing_note(look, planned))

    def _sample(self, metric: Metric, variant: str, moments: Moments) -> Sample:
        sums = self.counted(metric, moments)
        names = BEFORE if metric.kind != "ratio" else BELOW
        return Sample(
            sums.get(variant, "units"),
            sums.get(variant, "sum"),
            sums.get(variant, "sum_of_squares"),
            SCALE,
            **{name: sums.get(variant, name) for name in names},
        )

    def _event_types(self, metric: Metric) -> set[str | None]:
        parts = {metric.key, metric.numerator, metric.denominator}
        return {one.event_type for one in self.experiment.metrics if one.key in parts and one.event_type}


def plan_of(analysis: Judging, *, method: str, alpha: float, cuped: bool) -> Plan:
    """The plan of an analysis, with the method and level that are asked for."""
    prior = Prior(float(analysis.prior.mean), float(analysis.prior.sd), analysis.prior.proper)
    return Plan(method, alpha, cuped, analysis.expected_units, prior)
