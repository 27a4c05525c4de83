"""Experiments kept in memory, with somebody else who may change them in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from fairsplit.domain.audit import Entry
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.job import Job
from fairsplit.domain.namespaces import Taken
from fairsplit.domain.recount import Recount


@dataclass
class FakeStore:
    """A store of one experiment. The next `intruders` writes find that somebody else was faster."""

    stored: Experiment | None = None
    entries: list[Entry] = field(default_factory=list)
    recounts: list[str | None] = field(default_factory=list)
    namespaces: dict[str, Taken] = field(default_factory=dict)
    intruders: int = 0
    recount: Recount = field(default_factory=lambda: Recount(experiment="a"))

    def read(self, key: str) -> Experiment | None:
        return self.stored

    def history(self, key: str, limit: int, after: str | None) -> tuple[list[Entry], str | None]:
        return self.entries[::-1][:limit], None

    def taken(self, namespace: str) -> Taken:
        return self.namespaces.get(namespace, Taken(namespace))

    def create(self, experiment: Experiment, entry: Entry, namespaces: Sequence[Taken] = ()) -> bool:
        if self.stored or self._is_too_late():
            return False
        self.namespaces |= {one.namespace: one for one in namespaces}
        self.stored = experiment
        self.entries.append(entry)
        return True

    def replace(
        self,
        old: Experiment,
        new: Experiment,
        entry: Entry,
        recount_reason: str | None = None,
        namespaces: Sequence[Taken] = (),
    ) -> bool:
        if self._is_too_late() or self.stored is None or self.stored.version != old.version:
            return False
        self.namespaces |= {one.namespace: one for one in namespaces}
        self.stored = new
        self.entries.append(entry)
        self.recounts.append(recount_reason)
        return True

    def delete(self, experiment: Experiment, entry: Entry, job: Job, namespaces: Sequence[Taken] = ()) -> bool:
        if self._is_too_late():
            return False
        self.namespaces |= {one.namespace: one for one in namespaces}
        self.stored = None
        self.entries.append(entry)
        return True

    def _is_too_late(self) -> bool:
        if self.intruders == 0:
            return False
        self.intruders -= 1
        self.namespaces = {key: replace(one, revision=one.revision + 1) for key, one in self.namespaces.items()}
        if self.stored:
            self.stored = self.stored.model_copy(update={"version": self.stored.version + 1, "description": "theirs"})
        return True


@dataclass(frozen=True)
class FakeRecounts:
    """The recount of the store's experiment."""

    store: FakeStore

    def read(self, key: str) -> Recount:
        return self.store.recount
