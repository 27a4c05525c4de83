"""A recount over stores in memory, with streams that run while it pauses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from fairsplit.domain.recount import Recount, RecountState
from fairsplit.services.recounting import Recounting
from tests.unit.aggregation.fake_units import NOW, FakeIndex, World, attribution
from tests.unit.making import ORDERS, VISITS, assignment, event, experiment

FENCE = 7
QUEUED = Recount(
    experiment="a",
    epoch=2,
    complete_epoch=1,
    uncounted=frozenset({"new"}),
    state=RecountState.QUEUED,
    reason="drift",
)


@dataclass
class Recounts:
    """The recount of one experiment. The save number `stolen_at` finds that another has taken over."""

    recount: Recount = QUEUED
    saved: list[Recount] = field(default_factory=list)
    fences: set[int] = field(default_factory=set)
    stolen_at: int = 0

    def read(self, key: str) -> Recount:
        return self.recount

    def save(self, recount: Recount, fence: int) -> bool:
        self.fences.add(fence)
        if self.stolen_at == len(self.saved) + 1:
            self.recount = replace(QUEUED, epoch=3)
            return False
        self.saved.append(recount)
        self.recount = recount
        return True


@dataclass
class Scene:
    """Three units of an experiment that was changed, of which the streams know; the streams run while it pauses."""

    world: World = field(default_factory=World)
    recounts: Recounts = field(default_factory=Recounts)
    pages: list[int] = field(default_factory=list)
    minutes: float = 0
    pauses: int = 0
    time_for: int = 10_000
    pause: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        self.world.known["a"] = experiment(ORDERS, VISITS, epoch=2)
        self.world.sent = [replace(event(number, kind="visit"), unit_id="u" * number) for number in (1, 2)]
        self.world.keep(*[assignment(unit_id="u" * number) for number in (1, 2, 3)])
        self.world.drain()
        self.pause = self.world.drain

    def has_time(self) -> bool:
        self.time_for -= 1
        return self.time_for >= 0

    def _pause(self) -> None:
        self.pauses += 1
        self.pause()

    def recounting(self) -> Recounting:
        return Recounting(
            experiments=self.world,
            index=FakeIndex(self.world),
            recounts=self.recounts,
            aggregates=self.world.rows,
            attribution=lambda: attribution(self.world),
            now=lambda: NOW + timedelta(minutes=self.minutes),
            has_time=self.has_time,
            pause=self._pause,
            fence=FENCE,
        )

    def advance(self, **fields: object) -> Recount:
        return replace(self.recounting(), **fields).advance("a")  # type: ignore[arg-type]

    def let_time_pass(self, minutes: float = 10) -> None:
        """Until then, whatever was on its way has come, and a heartbeat behind it."""
        self.minutes += minutes
        self.world.drain()
        now = NOW + timedelta(minutes=self.minutes)
        self.world.rows.note_heartbeat(now, now)

    def units(self, epoch: int) -> int:
        """The units that the rows of an epoch count."""
        return sum(row.moments.units("units") for key, row in self.world.rows.stored.items() if key.epoch == epoch)
