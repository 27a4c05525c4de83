"""Recounts: fold every unit of an experiment under its new epoch, in slices, until its sums are whole again.

It is the only repair of a sum. Rollup takes a unit's old moments from the old epoch's rows and adds the new ones to
the new epoch's, so when all units have moved the old rows hold nothing: what remains there was wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fairsplit.domain.aggregate import Row
from fairsplit.domain.moments import Moments, total
from fairsplit.domain.recount import Recount, RecountState
from fairsplit.services.attributing import Attribution
from fairsplit.services.ports.attribution import Experiments
from fairsplit.services.ports.maintenance import AggregateStore, RecountStore, UnitIndex

PAGE = 100
PASSES = 3  # walks before a remainder of the old epoch is called drift
DRAIN_AT_LEAST = timedelta(minutes=10)  # before what has not come is given up
LOOKS = 10  # at the rows, with a pause between, before the next round goes on
COUNTED = ("units", "mixed", "heavy", "left_out", "merged")


@dataclass(frozen=True)
class Recounting:
    """Carries recounts on, with the stores they need.

    `attribution` makes a fresh one for each page, so that each page reads the experiments as they are then.
    `has_time` says whether another page may be begun.
    """

    experiments: Experiments
    index: UnitIndex
    recounts: RecountStore
    aggregates: AggregateStore
    attribution: Callable[[], Attribution]
    now: Callable[[], datetime]
    has_time: Callable[[], bool]
    pause: Callable[[], None]
    fence: int

    def advance(self, key: str) -> Recount:
        """Go on with the experiment's recount as far as time allows; its state then."""
        experiment = self.experiments.read_many({key}).get(key)
        recount = self.recounts.read(key)
        while experiment and recount.epoch == experiment.epoch and recount.is_running and self.has_time():
            following = self._step(recount)
            if following is None:
                return self.recounts.read(key)
            recount = following
        return recount

    def _step(self, recount: Recount) -> Recount | None:
        if recount.state is RecountState.QUEUED:
            return self._saved(replace(recount, state=RecountState.WALKING, shard=0, after=None, walked=0, passes=1))
        if recount.state is RecountState.WALKING:
            return self._walk(recount)
        return self._drain(recount)

    def _walk(self, recount: Recount) -> Recount | None:
        """Fold one page of units."""
        if recount.shard == self.index.parts:
            return self._saved(replace(recount, state=RecountState.DRAINING, drained_from=self.now()))
        units = self.index.page(recount.experiment, recount.shard, recount.after, PAGE)
        if not units:
            return replace(recount, shard=recount.shard + 1, after=None)
        if self.attribution().fold_units(units):
            return None  # the store is busy; the page comes again
        return self._saved(replace(recount, after=units[-1], walked=recount.walked + len(units)))

    def _drain(self, recount: Recount) -> Recount | None:
        """Finish when rollup has added every unit that was walked, and taken each from the old epochs.

        The count of units that have come does not tell by itself, as units come to the new epoch without the walk too.
        So a remainder of the old ones is believed only when nothing that the walk wrote can be on its way any more.
        """
        for _ in range(LOOKS):
            old, new = self._sums(recount)
            if arrived(new) >= recount.walked and not has_remainder(old):
                return self._finish(recount, drifted=False)
            self.pause()
        if not self._has_all_come(recount):
            return None
        old, _ = self._sums(recount)  # behind the heartbeat, so that they hold what it proves to have come
        return self._settle(recount, old)

    def _settle(self, recount: Recount, old: Row) -> Recount | None:
        """Walk once more for units that the index did not show, or finish with what the old epochs still hold.

        Where they hold less than nothing, units were lost, and none can be found by another walk.
        """
        if count(old.moments) > 0 and recount.passes < PASSES:
            again = replace(recount, state=RecountState.WALKING, shard=0, after=None, walked=0)
            return self._saved(replace(again, passes=recount.passes + 1))
        return self._finish(recount, drifted=has_remainder(old))

    def _has_all_come(self, recount: Recount) -> bool:
        """Whether what has not come by now never will: a heartbeat that was sent behind the walk has come through."""
        since = recount.drained_from or self.now()
        heartbeat = self.aggregates.heartbeat()
        return self.now() - since >= DRAIN_AT_LEAST and heartbeat is not None and heartbeat[0] >= since

    def _sums(self, recount: Recount) -> tuple[Row, Row]:
        """What the rows that results read hold together: those before the recount's epoch, and those from it on."""
        rows = self.aggregates.rows(recount.experiment, recount.complete_epoch)
        return (
            together(row for key, row in rows.items() if key.epoch < recount.epoch),
            together(row for key, row in rows.items() if key.epoch >= recount.epoch),
        )

    def _finish(self, recount: Recount, *, drifted: bool) -> Recount | None:
        return self._saved(
            replace(
                recount,
                state=RecountState.DONE,
                complete_epoch=recount.epoch,
                uncounted=frozenset(),
                finished_at=self.now(),
                drifted=drifted,
            )
        )

    def _saved(self, recount: Recount) -> Recount | None:
        return recount if self.recounts.save(recount, self.fence) else None


def together(rows: Iterable[Row]) -> Row:
    """One row with the sums of all."""
    all_rows = list(rows)
    return Row(moments=total(row.moments for row in all_rows), steps=sum(row.steps for row in all_rows))


def count(moments: Moments) -> int:
    """How many units are counted, in whatever way."""
    return sum(moments.units(name) for name in COUNTED)


def arrived(row: Row) -> int:
    """How many units have come to the row: by a walk or of themselves, and those that were erased since."""
    return count(row.moments) + row.moments.units("erased")


def has_remainder(old: Row) -> bool:
    """Whether rows that every unit has left still hold anything: something was lost, or added twice."""
    return old.steps != 0 or any(field != "erased" for _, _, field in old.moments.sums)
