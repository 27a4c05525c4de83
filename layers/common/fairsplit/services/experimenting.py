"""The use-cases of experiments: each changes the version, the audit trail and what hangs on them in one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairsplit.domain.audit import Actor, Entry
from fairsplit.domain.errors import ConflictError, NotFoundError, TooLargeError
from fairsplit.domain.experiment import Experiment, Settings, Status
from fairsplit.domain.experiment_changes import action_of, differences
from fairsplit.domain.experiment_patch import patched
from fairsplit.domain.experiment_rules import read_settings
from fairsplit.domain.job import Job, JobKind
from fairsplit.domain.lifecycle import check_change, check_move, moved, needs_recount, recount_reason
from fairsplit.domain.namespaces import Taken, range_of
from fairsplit.domain.sealing import check_run, is_sealed
from fairsplit.domain.transition import read_transition
from fairsplit.services.ports.experiments import ExperimentStore, RecountReader

ATTEMPTS = 20
CREATE_ATTEMPTS = 3
LARGEST = 190_000  # bytes of an experiment's JSON: an audit entry holds it twice, and an item may have 400 KB
Check = Callable[[int], None]
Change = Callable[[Experiment], tuple[Experiment, str | None]]


def find(store: ExperimentStore, key: str) -> Experiment:
    """The experiment.

    Raises:
        NotFoundError: there is none of that key.
    """
    experiment = store.read(key)
    if experiment is None:
        raise _not_found(key)
    return experiment


def read_history(store: ExperimentStore, key: str, limit: int, after: str | None) -> tuple[list[Entry], str | None]:
    """What became of the experiment, newest first, and the next page's place; of a deleted one, too.

    Raises:
        NotFoundError: there never was one of that key.
    """
    entries, following = store.history(key, limit, after)
    if not entries and after is None:
        raise _not_found(key)
    return entries, following


@dataclass(frozen=True)
class Experimenting:
    """What is changed in experiments, by one actor, now."""

    store: ExperimentStore
    recounts: RecountReader
    actor: Actor
    now: datetime
    retention_days: int

    def create(self, body: Mapping[str, Any], seed: str) -> Experiment:
        """A new draft; its seed is the body's, or the one that is given.

        Raises:
            InvalidError: a rule is broken.
            ConflictError: the key is taken, or the range of the namespace.
        """
        settings = read_settings(body, seed)
        fields = _fields(settings) | {"epoch": self.recounts.read(settings.key).epoch}
        experiment = Experiment.model_construct(**fields, created_at=self.now, updated_at=self.now)
        self._check(None, experiment)
        for _ in range(ATTEMPTS if experiment.namespace else CREATE_ATTEMPTS):
            namespaces = self._namespaces(None, experiment)
            if self.store.create(experiment, self._entry("create", None, experiment), namespaces):
                return experiment
            if self.store.read(settings.key):
                break
        else:
            if namespaces != self._namespaces(None, experiment):
                raise ConflictError("experiment_contended", "Others changed the namespace each time. Try again.")
        detail = f"There is an experiment {settings.key} already, or one of that key is just being removed."
        raise ConflictError("key_taken", detail)

    def patch(self, key: str, body: Mapping[str, Any], check: Check) -> Experiment:
        """The experiment with a JSON merge patch; `check` is handed the version that it would change.

        Raises:
            NotFoundError, InvalidError, ConflictError, StaleError: as the rules have it.
        """
        return self._change(key, check, lambda old: (self._patched(old, body), None))

    def transition(self, key: str, body: Mapping[str, Any], check: Check) -> Experiment:
        """The experiment in the status `to` of the body, with its `reason` in the audit trail.

        Raises:
            NotFoundError, InvalidError, ConflictError, StaleError: as the rules have it.
        """
        wanted = read_transition(body)
        return self.move(key, wanted.to, wanted.reason, wanted.winner, check)

    def move(
        self, key: str, to: Status, reason: str | None, winner: str | None = None, check: Check = lambda _version: None
    ) -> Experiment:
        """The experiment in that status.

        Raises:
            NotFoundError, InvalidError, ConflictError, StaleError: as the rules have it.
        """

        def change(old: Experiment) -> tuple[Experiment, str | None]:
            check_move(old, to, winner)
            return moved(old, to, winner, self.now), reason

        return self._change(key, check, change)

    def request_recount(self, key: str, reason: str) -> Experiment:
        """The experiment under a new epoch, with a recount queued.

        Raises:
            ConflictError: it has not started, or is sealed.
        """

        def change(old: Experiment) -> tuple[Experiment, str | None]:
            if old.status is Status.DRAFT or is_sealed(old, self.now):
                detail = f"{key} is {old.status}; what can be recounted has started, and not completed long ago."
                raise ConflictError("not_recountable", detail)
            return self._next(old, {"epoch": old.epoch + 1}), reason

        return self._change(key, lambda _version: None, change)

    def delete(self, key: str, check: Check) -> Job:
        """Delete a draft; the job that removes what it had imported.

        Raises:
            NotFoundError, ConflictError, StaleError: as the rules have it.
        """
        for _ in range(ATTEMPTS):
            experiment = find(self.store, key)
            check(experiment.version)
            if experiment.status is not Status.DRAFT:
                detail = f"{key} is {experiment.status}; only a draft can be deleted. Archive it instead."
                raise ConflictError("not_draft", detail)
            job = Job(JobKind.REMOVE_EXPERIMENT, key, self.now)
            if self.store.delete(
                experiment, self._entry("delete", experiment, None), job, self._namespaces(experiment, None)
            ):
                return job
        raise _contended()

    def _patched(self, old: Experiment, body: Mapping[str, Any]) -> Experiment:
        settings = patched(old, body)
        if not check_change(old, settings):
            return old
        recount = needs_recount(old, settings)
        if recount and is_sealed(old, self.now):
            raise ConflictError("frozen_field", f"{old.key} is sealed: its metrics cannot be changed any more.")
        return self._next(old, _fields(settings) | ({"epoch": old.epoch + 1} if recount else {}))

    def _next(self, old: Experiment, update: dict[str, Any]) -> Experiment:
        return old.model_copy(update=update | {"version": old.version + 1, "updated_at": self.now})

    def _change(self, key: str, check: Check, change: Change) -> Experiment:
        """Read, change and store; anew where somebody else was faster."""
        for _ in range(ATTEMPTS):
            old = find(self.store, key)
            check(old.version)
            new, reason = change(old)
            if new is old:
                return old
            self._check(old, new)
            action = action_of(old, new)
            recount = recount_reason(old, new) or reason if new.epoch > old.epoch else None
            entry = self._entry(action, old, new, reason)
            if self.store.replace(old, new, entry, recount, self._namespaces(old, new)):
                return new
        raise _contended()

    def _namespaces(self, old: Experiment | None, new: Experiment | None) -> list[Taken]:
        """The namespaces whose ranges change with the experiment, as they are then.

        Raises:
            ConflictError: another experiment has (a part of) the range.
        """
        before, after = range_of(old), range_of(new)
        if before == after:
            return []
        changed = {one.key: self.store.taken(one.key) for one in (before, after) if one}
        if old and before:
            changed[before.key] = changed[before.key].without(old.key)
        if new and after:
            changed[after.key] = changed[after.key].taken_by(new.key, after)
        return list(changed.values())

    def _check(self, old: Experiment | None, new: Experiment) -> None:
        if len(new.model_dump_json(by_alias=True).encode()) > LARGEST:
            raise TooLargeError("experiment_too_large", f"An experiment may have {LARGEST} bytes of JSON at most.")
        check_run(old, new, self.retention_days)

    def _entry(self, action: str, old: Experiment | None, new: Experiment | None, reason: str | None = None) -> Entry:
        version = new.version if new else old.version + 1 if old else 0
        return Entry(
            at=self.now, actor=self.actor, action=action, version=version, reason=reason, changes=differences(old, new)
        )


def _fields(settings: Settings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in Settings.model_fields}


def _not_found(key: str) -> NotFoundError:
    return NotFoundError("experiment_not_found", f"There is no experiment {key[:64]}.")


def _contended() -> ConflictError:
    return ConflictError("experiment_contended", "Others changed the experiment each time. Read it, and try again.")
