"""Experiments kept in memory for a few seconds, so that an assignment need not read its experiment each time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fairsplit.domain.experiment import Experiment
from fairsplit.storage.experiments import Experiments

KNOWN_FOR = timedelta(seconds=5)
KNOWN_AT_MOST = 500


@dataclass
class CachedExperiments:
    """Experiments that may be five seconds old, those that do not exist too."""

    experiments: Experiments
    clock: Callable[[], datetime]
    known: OrderedDict[str, tuple[datetime, Experiment | None]] = field(default_factory=OrderedDict)

    def read(self, key: str) -> Experiment | None:
        """The experiment; None where there is none of that key."""
        now = self.clock()
        seen = self.known.get(key)
        if seen and now - seen[0] < KNOWN_FOR:
            return seen[1]
        experiment = self.experiments.read(key)
        self.known[key] = (now, experiment)
        self.known.move_to_end(key)
        while len(self.known) > KNOWN_AT_MOST:
            self.known.popitem(last=False)
        return experiment
