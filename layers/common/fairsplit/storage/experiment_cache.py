"""Started experiments kept in memory for a few seconds, so that not every assignment has to read its experiment."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fairsplit.domain.experiment import Experiment, Status
from fairsplit.storage.experiments import Experiments

KNOWN_FOR = timedelta(seconds=2)
KNOWN_AT_MOST = 500


@dataclass
class CachedExperiments:
    """Started experiments that may be two seconds old. One that is asked for by its key is seen as soon as it starts.

    Of the live ones a short list is read, and only those documents that have another version than the one in memory.
    """

    experiments: Experiments
    clock: Callable[[], datetime]
    known: OrderedDict[str, tuple[datetime, Experiment]] = field(default_factory=OrderedDict)
    listed: tuple[datetime, Sequence[Experiment]] | None = None

    def read(self, key: str) -> Experiment | None:
        """The experiment; None where there is none of that key."""
        seen = self._seen(key)
        if seen:
            return seen
        experiment = self.experiments.read(key)
        self._remember([experiment] if experiment else [])
        return experiment

    def read_many(self, keys: Iterable[str]) -> dict[str, Experiment]:
        """Those of the experiments that exist, by key, in the order of the keys."""
        found = {key: self._seen(key) for key in keys}
        fresh = self.experiments.read_many([key for key, seen in found.items() if seen is None])
        self._remember(fresh.values())
        return {key: one for key, seen in found.items() if (one := seen or fresh.get(key))}

    def live(self) -> Sequence[Experiment]:
        """All experiments that are active, paused or completed, by key."""
        now = self.clock()
        if self.listed is None or now - self.listed[0] >= KNOWN_FOR:
            self.listed = (now, self._read_live({one.key: one for one in self.listed[1]} if self.listed else {}))
        return self.listed[1]

    def _read_live(self, before: dict[str, Experiment]) -> Sequence[Experiment]:
        versions = self.experiments.live_versions()
        same = {key: one for key, one in before.items() if versions.get(key) == one.version}
        fresh = self.experiments.read_many(versions.keys() - same.keys())
        documents = same | fresh
        self._remember(documents.values())
        return [documents[key] for key in versions if key in documents and documents[key].is_live]

    def _seen(self, key: str) -> Experiment | None:
        seen = self.known.get(key)
        return seen[1] if seen and self.clock() - seen[0] < KNOWN_FOR else None

    def _remember(self, experiments: Iterable[Experiment]) -> None:
        """Remember those that have started: a draft can be deleted, and started at any moment."""
        now = self.clock()
        for experiment in experiments:
            if experiment.status is not Status.DRAFT:
                self.known[experiment.key] = (now, experiment)
                self.known.move_to_end(experiment.key)
        while len(self.known) > KNOWN_AT_MOST:
            self.known.popitem(last=False)
