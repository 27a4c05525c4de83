"""Maintenance: all that has to be done for experiments from time to time, as tasks that fail each on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from fairsplit.domain.aggregate import ALL_EXPERIMENTS
from fairsplit.domain.dimensions import partition_of
from fairsplit.domain.experiment import Experiment, Status
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.moments import total
from fairsplit.domain.recount import Recount
from fairsplit.domain.sealing import is_sealed, longest_run
from fairsplit.domain.timestamps import day_of, from_text, to_text
from fairsplit.domain.windows import last_full_day, settled
from fairsplit.services.checking import Checking, Finding
from fairsplit.services.compacting import compact, forget_old_epochs
from fairsplit.services.erasing import Erasing
from fairsplit.services.ports.maintenance import AggregateStore, RecountStore
from fairsplit.services.reading_rows import by_day
from fairsplit.services.recounting import Recounting

CHECK = "~check"
Task = tuple[str, Callable[[], object]]


class ExperimentList(Protocol):
    """The experiments."""

    def all_experiments(self) -> Iterable[Experiment]:
        """All of them: an archived one may have a recount to be finished."""
        ...


class ExperimentDesk(Protocol):
    """The two changes that maintenance makes to experiments."""

    def move(self, key: str, to: Status, reason: str) -> object: ...

    def request_recount(self, key: str, reason: str) -> object: ...


@dataclass(frozen=True)
class Maintenance:
    """One round. What changes most for users comes first, what takes long comes last.

    `tell` says what somebody has to know of: a word, and what is known of it.
    """

    experiments: ExperimentList
    desk: ExperimentDesk
    aggregates: AggregateStore
    recounts: RecountStore
    recounting: Recounting
    checking: Checking
    erasing: Erasing
    now: datetime
    retention_days: int
    has_time: Callable[[], bool]
    tell: Callable[[str, dict[str, Any]], None]

    def tasks(self) -> Iterator[Task]:
        """Each task with its name. A task that fails leaves the others untouched, and comes again in the next round."""
        experiments = [one for one in self.experiments.all_experiments() if not is_sealed(one, self.now)]
        yield from self._for_each(experiments, "schedule", self.carry_out_schedule)
        for job in self.erasing.jobs.open_jobs():
            yield f"{job.kind} requested at {to_text(job.requested_at)}", partial(self.erasing.go_on, job)
        yield "marks", partial(self.pass_on_mark, experiments)
        yield from self._for_each(experiments, "recount", self.recount)
        yield from self._for_each(experiments, "compaction", self.compact)
        yield from self._for_each(experiments, "daily check", self.check_daily)

    def _for_each(
        self, experiments: Iterable[Experiment], name: str, work: Callable[[Experiment], None]
    ) -> Iterator[Task]:
        for experiment in experiments:
            if self.has_time():
                yield f"{name} of {experiment.key}", partial(work, experiment)

    def pass_on_mark(self, experiments: Iterable[Experiment]) -> None:
        """Mark every experiment where all sums are in doubt, because the streams may have lost records."""
        mark = self.aggregates.mark(ALL_EXPERIMENTS)
        if mark:
            for experiment in experiments:
                self.aggregates.mark_for_recount(experiment.key, mark.reason, self.now)
            self.aggregates.clear_mark(ALL_EXPERIMENTS, mark)
            self.tell(mark.reason, {"since": to_text(mark.at)})

    def carry_out_schedule(self, experiment: Experiment) -> None:
        """Start and complete the experiment where its schedule, or its longest run, says so."""
        due = due_transition(experiment, self.now, self.retention_days)
        if due:
            self.desk.move(experiment.key, *due)

    def recount(self, experiment: Experiment) -> None:
        """Queue a recount where rollup asked for one, of a draft once it has started; go on with the one that runs."""
        mark = self.aggregates.mark(experiment.key)
        if mark and experiment.status is not Status.DRAFT:
            self.desk.request_recount(experiment.key, mark.reason)
            self.aggregates.clear_mark(experiment.key, mark)
        if self.recounts.read(experiment.key).is_running:
            recount = self.recounting.advance(experiment.key)
            if recount.drifted and not recount.is_running:
                self.tell("drift", {"experiment": experiment.key, "found_by": "recount"})

    def compact(self, experiment: Experiment) -> None:
        complete_epoch = self.recounts.read(experiment.key).complete_epoch
        for partition in partitions(experiment):
            compact(self.aggregates, partition, complete_epoch, self.now)

    def check_daily(self, experiment: Experiment) -> None:
        """Once a UTC day: keep a snapshot, forget old epochs, and compare a sample with what the raw events say.

        What does not agree is looked at once more in a later round; what is still the same then is drift, and asks
        for a recount.
        """
        key, today = experiment.key, day_of(self.now)
        last = self.aggregates.note(key, CHECK) or {}
        recount = self.recounts.read(key)
        if experiment.status is Status.DRAFT or recount.is_running or last.get("day") == today.isoformat():
            return
        self._keep_snapshot(experiment, recount)
        for partition in partitions(experiment):
            forget_old_epochs(self.aggregates, partition, recount.complete_epoch, self.now)
        before = Finding.from_json(last["suspicion"]) if "suspicion" in last else None
        if before and not self.checking.has_come(from_text(last["at"])):
            return
        units = before.units if before else ()
        found = self.checking.look(key, recount.complete_epoch, units, experiment.dimensions)
        if found and not before:
            self._note_check(key, {"suspicion": found.as_json()})
            return
        drift = found.since(before) if before else found
        if drift:
            self.tell("drift", {"experiment": key, "found_by": "check", "units": len(drift.units)})
            self.desk.request_recount(key, "drift")
        self._note_check(key, {"day": today.isoformat(), "sampled": found.sampled, "drifted": bool(drift)})

    def _keep_snapshot(self, experiment: Experiment, recount: Recount) -> None:
        rows = self.aggregates.rows(recount.experiment, recount.complete_epoch)
        days = settled(by_day(rows), experiment, last_full_day(experiment, self.now))
        value = {
            "at": to_text(self.now),
            "epoch": recount.epoch,
            "fingerprints": sorted(fingerprints(experiment).values()),
            "moments": total(days.values()).as_json(),
        }
        self.aggregates.put_snapshot(recount.experiment, day_of(self.now), value)

    def _note_check(self, key: str, value: dict[str, Any]) -> None:
        self.aggregates.put_note(key, CHECK, value | {"at": to_text(self.now)})


def partitions(experiment: Experiment) -> list[str]:
    """Where the experiment's sums stand, and those by its dimensions."""
    return [experiment.key, *(partition_of(experiment.key, dimension) for dimension in experiment.dimensions)]


def due_transition(experiment: Experiment, now: datetime, retention_days: int) -> tuple[Status, str] | None:
    """The transition that is due by the clock, and why; None where there is none."""
    schedule = experiment.schedule
    if experiment.status is Status.DRAFT and schedule.start_at and schedule.start_at <= now:
        return Status.ACTIVE, "schedule.start_at has come"
    if experiment.status not in {Status.ACTIVE, Status.PAUSED}:
        return None
    if schedule.end_at and schedule.end_at <= now:
        return Status.COMPLETED, "schedule.end_at has come"
    if experiment.started_at and experiment.started_at + longest_run(experiment, retention_days) <= now:
        return Status.COMPLETED, "the longest run that the retention of events allows is over"
    return None
