"""When a unit entered an experiment: at its assignment, or at an earlier exposure in the experiment's run.

Exposures come late and in any order, so this is found out from all of them each time, and never kept as a mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.event import Event, first_of_each_id
from fairsplit.domain.experiment import Experiment

AFTERMATH = timedelta(days=1)  # behind the completion: exposures that come too late are seen as such


@dataclass(frozen=True, slots=True)
class Span:
    """The part of time whose events can matter to an assignment, whenever its unit turns out to have entered.

    It begins `cuped_days` before the earliest moment of an entry. `end` is inclusive; None while the experiment runs.
    """

    start: datetime
    end: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Whether an event of that moment can matter."""
        return self.start <= moment and (self.end is None or moment <= self.end)


@dataclass(frozen=True, slots=True)
class Entry:
    """When a unit entered, and what its exposures say besides.

    It is mixed where an exposure in the run names another variant than the stored one. `outside_run` counts exposures
    before the start or after the completion; they do nothing else.
    """

    at: datetime
    is_mixed: bool = False
    outside_run: int = 0


def span(assignment: Assignment, experiment: Experiment) -> Span:
    """The span whose events have to be read for the assignment."""
    return span_from(assignment.assigned_at, experiment)


def span_from(moment: datetime, experiment: Experiment) -> Span:
    """The span of whoever is assigned at that moment, or from it on."""
    earliest = min(moment, experiment.started_at or moment)
    end = experiment.completed_at + AFTERMATH if experiment.completed_at else None
    return Span(earliest - timedelta(days=experiment.analysis.cuped_days), end)


def period(experiment: Experiment, entered_at: datetime) -> Span:
    """The span whose events count for a unit that entered at that moment, or are of its pre-period."""
    return Span(entered_at - timedelta(days=experiment.analysis.cuped_days), experiment.completed_at)


def is_in_run(experiment: Experiment, moment: datetime) -> bool:
    """Whether the experiment had started and was not completed at that moment, both inclusive."""
    if experiment.started_at is None or moment < experiment.started_at:
        return False
    return experiment.completed_at is None or moment <= experiment.completed_at


def entry_of(assignment: Assignment, experiment: Experiment, events: Sequence[Event]) -> Entry:
    """When the assignment's unit entered, from all its events, given in the order they were stored."""
    reach = span(assignment, experiment)
    exposures = [event for event in _met_in(experiment, events) if reach.holds(event.timestamp)]
    if not exposures:
        return Entry(assignment.assigned_at)
    outside = {event.event_id for event in exposures if not is_in_run(experiment, event.timestamp)}
    inside = exposures_in_run(reach, experiment, events)
    return Entry(
        at=min([assignment.assigned_at, *(event.timestamp for event in inside)]),
        is_mixed=any(event.properties["variant"] != assignment.variant for event in inside),
        outside_run=len(outside),
    )


def exposures_in_run(reach: Span, experiment: Experiment, events: Iterable[Event]) -> list[Event]:
    """The exposures in the run, without those whose id another event had before, from where `reach` begins."""
    until = Span(reach.start, experiment.completed_at)
    counted = first_of_each_id(event for event in events if until.holds(event.timestamp))
    return [event for event in _met_in(experiment, counted) if is_in_run(experiment, event.timestamp)]


def _met_in(experiment: Experiment, events: Iterable[Event]) -> list[Event]:
    """The exposures to any variant of the experiment."""
    return [event for event in events if event.is_exposure and event.properties["experiment"] == experiment.key]
