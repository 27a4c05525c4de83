"""A round of maintenance over stores in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

from fairsplit.domain.errors import ConflictError
from fairsplit.domain.experiment import Experiment, Status
from fairsplit.domain.recount import RecountState
from fairsplit.services.checking import Checking
from fairsplit.services.erasing import Erasing
from fairsplit.services.maintaining import Maintenance
from tests.unit.aggregation.fake_units import NOW, FakeEvents, FakeIndex, FakeJobs, World, attribution
from tests.unit.aggregation.recount_scene import Recounts, Scene
from tests.unit.making import ORDERS, experiment

DONE = replace(Recounts().recount, state=RecountState.DONE, complete_epoch=2)


@dataclass
class Desk:
    """Notes what maintenance asks for; refuses it for the experiments named."""

    asked: list[tuple[str, str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    def move(self, key: str, to: Status, reason: str) -> None:
        self._note(key, to)

    def request_recount(self, key: str, reason: str) -> None:
        self._note(key, reason)

    def _note(self, key: str, what: str) -> None:
        if key in self.refused:
            raise ConflictError("not_allowed", "not allowed")
        self.asked.append((key, what))


@dataclass
class Round:
    """A round over an experiment `a` of three units, whose last recount is through."""

    scene: Scene = field(default_factory=Scene)
    desk: Desk = field(default_factory=Desk)
    jobs: FakeJobs = field(default_factory=FakeJobs)
    experiments: list[Experiment] = field(default_factory=lambda: [experiment(ORDERS, epoch=2)])
    has_time: Callable[[], bool] = lambda: True
    days: float = 0
    told: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world.known["a"] = self.experiments[0]
        attribution(self.world).fold_units([unit for unit, _ in self.world.items])
        self.world.drain()
        self.scene.recounts.recount = DONE

    @property
    def world(self) -> World:
        return self.scene.world

    def all_experiments(self) -> list[Experiment]:
        return self.experiments

    def maintenance(self) -> Maintenance:
        index = FakeIndex(self.world)
        return Maintenance(
            experiments=self,
            desk=self.desk,
            aggregates=self.world.rows,
            recounts=self.scene.recounts,
            recounting=self.scene.recounting(),
            checking=Checking(index, self.world.rows, lambda: attribution(self.world), lambda: None, Random(1)),
            erasing=Erasing(self.world, FakeEvents(self.world), index, self.jobs, self.has_time),
            now=NOW + timedelta(days=self.days),
            retention_days=480,
            has_time=self.has_time,
            tell=lambda what, known: self.told.append((what, known)),
        )

    def run(self) -> list[str]:
        """Do all tasks; the names of those that failed."""
        failed = []
        for name, task in self.maintenance().tasks():
            try:
                task()
            except ConflictError:
                failed.append(name)
        return failed

    def names(self) -> list[str]:
        return [name for name, _ in self.maintenance().tasks()]
