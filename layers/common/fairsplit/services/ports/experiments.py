"""What the use-cases of experiments need of the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fairsplit.domain.audit import Entry
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.job import Job
from fairsplit.domain.namespaces import Taken
from fairsplit.domain.recount import Recount


class ExperimentStore(Protocol):
    """Experiments with their audit trail. Every write says whether it went through."""

    def read(self, key: str) -> Experiment | None: ...

    def history(self, key: str, limit: int, after: str | None) -> tuple[list[Entry], str | None]: ...

    def taken(self, namespace: str) -> Taken: ...

    def create(self, experiment: Experiment, entry: Entry, namespaces: Sequence[Taken] = ()) -> bool: ...

    def replace(
        self,
        old: Experiment,
        new: Experiment,
        entry: Entry,
        recount_reason: str | None = None,
        namespaces: Sequence[Taken] = (),
    ) -> bool: ...

    def delete(self, experiment: Experiment, entry: Entry, job: Job, namespaces: Sequence[Taken] = ()) -> bool: ...


class RecountReader(Protocol):
    """The last recount of a key, even of one whose experiment was deleted."""

    def read(self, key: str) -> Recount: ...
