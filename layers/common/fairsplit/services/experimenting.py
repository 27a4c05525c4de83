"""The use-cases of experiments: each changes the version, the audit trail and what hangs on them in one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairsplit.domain.audit import Actor, Entry, FieldChange
from fairsplit.domain.errors import ConflictError, InvalidError, NotFoundError, ThrottledError, TooLargeError
from fairsplit.domain.experiment import SERVER_FIELDS, Experiment, Settings, Status
from fairsplit.domain.experiment_rules import read_settings
from fairsplit.domain.job import Job, JobKind
from fairsplit.domain.lifecycle import check_change, check_move, moved, needs_recount
from fairsplit.domain.merge_patch import merge
from fairsplit.domain.sealing import is_sealed, longest_run
from fairsplit.services.ports.experiments import ExperimentStore, RecountReader

ATTEMPTS = 5
LARGEST = 256_000  # bytes of an experiment's JSON; DynamoDB's own bound for an item is 400 KB
UNTRACKED = {"version", "updated_at", "epoch"}
Check = Callable[[int], None]


@dataclass(frozen=True)
class Experimenting:
    """What is done with experiments, by one actor, now."""

    store: ExperimentStore
    recounts: RecountReader
    actor: Actor
    now: datetime
    retention_days: int

    def read(self, key: str) -> Experiment:
        """The experiment.

        Raises:
            NotFoundError: there is none of that key.
        """
        experiment = self.store.read(key)
        if experiment is None:
            raise NotFoundError("experiment_not_found", f"There is no experiment {key[:64]}.")
        return experiment

    def create(self, body: Mapping[str, Any], seed: str) -> Experiment:
        """A new draft; its seed is the body's, or the one that is given.

        Raises:
            InvalidError: a rule is broken.
            ConflictError: the key is taken.
        """
        settings = read_settings(body, seed)
        epoch = self.recounts.read(settings.key).epoch
        given = {name: getattr(settings, name) for name in Settings.model_fields}
        experiment = Experiment.model_construct(**given, created_at=self.now, updated_at=self.now, epoch=epoch)
        self._check(experiment)
        if not self.store.create(experiment, self._entry("create", None, experiment)):
            detail = f"There is an experiment {settings.key} already, or one of that key is just being removed."
            raise ConflictError("key_taken", detail)
        return experiment

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
        to, reason, winner = read_transition(body)
        return self.move(key, to, reason, winner, check)

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
            if old.status in {Status.DRAFT, Status.ARCHIVED} or is_sealed(old, self.now):
                raise ConflictError(
                    "not_recountable", f"{key} is {old.status}; only started, unsealed experiments are."
                )
            return self._next(old, {"epoch": old.epoch + 1}), reason

        return self._change(key, lambda _version: None, change)

    def delete(self, key: str, check: Check) -> Job:
        """Delete a draft; the job that removes what it had imported.

        Raises:
            NotFoundError, ConflictError, StaleError: as the rules have it.
        """
        for _ in range(ATTEMPTS):
            experiment = self.read(key)
            check(experiment.version)
            if experiment.status is not Status.DRAFT:
                detail = f"{key} is {experiment.status}; only a draft can be deleted. Archive it instead."
                raise ConflictError("not_draft", detail)
            job = Job(JobKind.REMOVE_EXPERIMENT, key, self.now)
            if self.store.delete(experiment, self._entry("delete", experiment, None), job):
                return job
        raise _contended()

    def _patched(self, old: Experiment, body: Mapping[str, Any]) -> Experiment:
        current = old.as_json()
        wanted = merge(current, body)
        same = {name for name in SERVER_FIELDS if wanted.get(name) == current[name]}
        settings = read_settings({name: value for name, value in wanted.items() if name not in same}, old.seed)
        if not check_change(old, settings):
            return old
        recount = needs_recount(old, settings)
        if recount and is_sealed(old, self.now):
            raise ConflictError("frozen_field", f"{old.key} is sealed: its metrics cannot be changed any more.")
        update = {name: getattr(settings, name) for name in Settings.model_fields}
        return self._next(old, update | ({"epoch": old.epoch + 1} if recount else {}))

    def _next(self, old: Experiment, update: dict[str, Any]) -> Experiment:
        return old.model_copy(update=update | {"version": old.version + 1, "updated_at": self.now})

    def _change(
        self, key: str, check: Check, change: Callable[[Experiment], tuple[Experiment, str | None]]
    ) -> Experiment:
        for _ in range(ATTEMPTS):
            old = self.read(key)
            check(old.version)
            new, reason = change(old)
            if new is old:
                return old
            self._check(new)
            action = action_of(old, new)
            recount = (reason or action) if new.epoch > old.epoch else None
            if self.store.replace(old, new, self._entry(action, old, new, reason), recount):
                return new
        raise _contended()

    def _check(self, experiment: Experiment) -> None:
        if len(experiment.model_dump_json(by_alias=True).encode()) > LARGEST:
            raise TooLargeError("experiment_too_large", f"An experiment may have {LARGEST} bytes of JSON at most.")
        end, start = experiment.schedule.end_at, experiment.started_at or experiment.schedule.start_at
        longest = longest_run(experiment, self.retention_days)
        if end and start and end > start + longest:
            message = f"The retention of events lets this experiment run for {longest.days} days at most."
            raise InvalidError.at(("schedule", "end_at"), "run_too_long", message)

    def _entry(self, action: str, old: Experiment | None, new: Experiment | None, reason: str | None = None) -> Entry:
        current = new or old
        version = current.version if current else 0
        return Entry(
            at=self.now, actor=self.actor, action=action, version=version, reason=reason, changes=differences(old, new)
        )


def read_transition(body: Mapping[str, Any]) -> tuple[Status, str | None, str | None]:
    """The status, reason and winner of a transition's body.

    Raises:
        InvalidError: a field is unknown, missing or of another type.
    """
    unknown = sorted(body.keys() - {"to", "reason", "winner"})
    if unknown:
        raise InvalidError.at((unknown[0],), "unknown_field", "A transition has the fields to, reason and winner.")
    to, reason, winner = body.get("to"), body.get("reason"), body.get("winner")
    if to not in {status.value for status in Status}:
        raise InvalidError.at(("to",), "unknown_status", f"to has to be one of: {', '.join(Status)}.")
    if reason is not None and not (isinstance(reason, str) and len(reason) <= 2_000):
        raise InvalidError.at(("reason",), "invalid_type", "reason has to be a text of at most 2,000 characters.")
    if winner is not None and not isinstance(winner, str):
        raise InvalidError.at(("winner",), "invalid_type", "winner has to be the key of a variant.")
    return Status(to), reason, winner


def action_of(old: Experiment, new: Experiment) -> str:
    """What the audit trail calls a change."""
    if old.status is not new.status:
        return "transition"
    return "update" if differences(old, new) else "recount"


def differences(old: Experiment | None, new: Experiment | None) -> tuple[FieldChange, ...]:
    """The fields that differ, as callers see them."""
    before = old.as_json() if old else {}
    after = new.as_json() if new else {}
    names = [name for name in Experiment.model_fields if name in before or name in after]
    pairs = [(name, before.get(name), after.get(name)) for name in names if name not in UNTRACKED]
    return tuple(FieldChange(name, one, other) for name, one, other in pairs if one != other)


def _contended() -> ThrottledError:
    return ThrottledError("experiment_contended", "The experiment changed each time. Try again.")
