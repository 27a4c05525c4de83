"""The figures that a question asks for: which metrics and variants, their sums, and each comparison of two."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from fairsplit.domain.experiment import Experiment, Metric
from fairsplit.domain.moments import UNITS, Moments
from fairsplit.domain.question import Question
from fairsplit.domain.stats.comparison import Comparison, compare
from fairsplit.domain.stats.notes import Note
from fairsplit.domain.stats.sample import ImpossibleSumsError, Sample
from fairsplit.domain.stats.srm import RatioMismatch, ratio_mismatch
from fairsplit.domain.totals import SCALE

RECOUNTING = Note("recounting", "The metric changed: its numbers come when the recount is through.")
INCONSISTENT = Note(
    "sums_inconsistent", "The sums do not fit together: they are just being changed, or were damaged. Read them again."
)
LEFT_OUT = ("mixed", "heavy")  # units that comparisons leave out


@dataclass(frozen=True)
class Figures:
    """One question about one experiment, and what the experiment's sums say to it.

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

    def compare(self, metric: Metric, variant: str, moments: Moments) -> Comparison | Note:
        """A variant against the control, or why there is nothing to compare."""
        control, treatment = (self.sample(metric, key, moments) for key in (self.experiment.control, variant))
        if isinstance(control, Note):
            return control
        if isinstance(treatment, Note):
            return treatment
        return compare(control, treatment, kind=metric.kind, alpha=self.alpha)

    def sums(self, metric: Metric, variant: str, moments: Moments) -> Callable[[str], int]:
        """The sums of a variant and metric by their names; of a ratio its numerator's."""
        return self._sums(metric.numerator if metric.kind == "ratio" else metric.key, variant, moments)

    def _sample(self, metric: Metric, variant: str, moments: Moments) -> Sample:
        units = moments.get(variant, UNITS, "units")
        above = self.sums(metric, variant, moments)
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
