"""Namespaces: experiments that may run at once take ranges of them that do not overlap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from fairsplit.domain.errors import ConflictError, Fault
from fairsplit.domain.experiment import Experiment, Namespace, Status

MOST = 100  # experiments that may have a range of one namespace at the same time
MAY_RUN = frozenset({Status.DRAFT, Status.ACTIVE, Status.PAUSED})
Span = tuple[int | float, int | float]  # percent, half open


@dataclass(frozen=True, slots=True)
class Taken:
    """The ranges of a namespace that are taken, by experiment. `revision` counts its changes; 0: there is none yet."""

    namespace: str
    ranges: Mapping[str, Span] = field(default_factory=dict)
    revision: int = 0

    def without(self, experiment: str) -> Taken:
        """The same once an experiment has given its range back."""
        return replace(self, ranges={key: span for key, span in self.ranges.items() if key != experiment})

    def taken_by(self, experiment: str, namespace: Namespace) -> Taken:
        """The same once an experiment has taken that range, in place of any that it had.

        Raises:
            ConflictError: the range overlaps with another's, or the namespace has too many.
        """
        wanted, others = (namespace.start, namespace.end), self.without(experiment)
        for other, span in sorted(others.ranges.items()):
            if wanted[0] < span[1] and span[0] < wanted[1]:
                detail = f"{other} has {_shown(span)} of the namespace {self.namespace}, and may run at the same time."
                raise _conflict("namespace_overlap", f"{detail} Take a range that is free: {others.free()}.")
        if len(others.ranges) >= MOST:
            raise _conflict("namespace_full", f"{MOST} experiments have a range of {self.namespace}: complete some.")
        return replace(self, ranges={**others.ranges, experiment: wanted})

    def free(self) -> str:
        """The ranges that nobody has, in words."""
        ends: list[Span] = [(0, 0), *sorted(self.ranges.values()), (100, 100)]
        gaps = [(one[1], other[0]) for one, other in pairwise(ends) if one[1] < other[0]]
        return ", ".join(map(_shown, gaps)) or "none is, until one of its experiments completes"


def range_of(experiment: Experiment | None) -> Namespace | None:
    """The range that an experiment keeps others from; None where it has none, or cannot run any more."""
    return experiment.namespace if experiment and experiment.status in MAY_RUN else None


def _shown(span: Span) -> str:
    return f"{span[0]} to {span[1]}"


def _conflict(code: str, detail: str) -> ConflictError:
    return ConflictError(code, detail, (Fault(("namespace",), code, detail),))
