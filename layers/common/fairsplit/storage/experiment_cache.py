"""Started experiments kept in memory for a few seconds, so that not every assignment has to read its experiment."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fairsplit.domain.experiment import Experiment, Status
from fairsplit.storage.experiments import Experiments

KNOWN_FOR = timedelta(seconds=2)
KNOWN_AT_MOST = 500


@dataclass
class CachedExperiments:
    """Started experiments that may be two seconds old. What is created or started is seen at once."""

    experiments: Experiments
    clock: Callable[[], datetime]
    known: OrderedDict[str, tuple[datetime, Experiment]] = field(default_factory=OrderedDict)

    def read(self, key: str) -> Experiment | None:
        """The experiment; None where there is none of that key."""
        now = self.clock()
        seen = self.known.get(key)
        if seen and now - seen[0] < KNOWN_FOR:
            return seen[1]
        experiment = self.experiments.read(key)
        if experiment is None or experiment.status is Status.DRAFT:
            return experiment
        self.known[key] = (now, experiment)
        self.known.move_to_end(key)
        while len(self.known) > KNOWN_AT_MOST:
            self.known.popitem(last=False)
        return experiment
