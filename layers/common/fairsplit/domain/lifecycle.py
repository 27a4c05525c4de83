"""What may become of an experiment, and what may still be changed in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fairsplit.domain.errors import ConflictError, Fault, InvalidError
from fairsplit.domain.experiment import Experiment, Settings, Status
from fairsplit.domain.experiment_changes import is_same_json
from fairsplit.domain.metric import fingerprints

MOVES = {
    Status.DRAFT: {Status.ACTIVE},
    Status.ACTIVE: {Status.PAUSED, Status.COMPLETED},
    Status.PAUSED: {Status.ACTIVE, Status.COMPLETED},
    Status.COMPLETED: {Status.ARCHIVED},
    Status.ARCHIVED: set(),
}
NEVER_CHANGED = ("key", "seed", "hash_version")
CHANGED_WHEN_STARTED = frozenset(
    {"name", "description", "hypothesis", "tags", "coverage", "overrides", "schedule", "metrics"}
)
OPEN_JSON: dict[str, Callable[[Settings], Any]] = {
    "variants": lambda settings: [variant.value for variant in settings.variants],
    "targeting": lambda settings: settings.targeting,
}


def check_move(experiment: Experiment, to: Status, winner: str | None) -> None:
    """Check that the experiment may go to that status, with that winner.

    Raises:
        ConflictError: the move is not allowed.
        InvalidError: the winner is no variant, or none may be named here.
    """
    allowed = MOVES[experiment.status]
    if to not in allowed:
        names = ", ".join(sorted(allowed)) or "nothing"
        detail = f"{experiment.key} is {experiment.status} and may become {names}, not {to}."
        raise ConflictError("transition_not_allowed", detail)
    if winner is not None and to is not Status.COMPLETED:
        raise InvalidError.at(("winner",), "winner_not_allowed", "A winner is named with the transition to completed.")
    if winner is not None and experiment.variant(winner) is None:
        names = ", ".join(variant.key for variant in experiment.variants)
        raise InvalidError.at(("winner",), "unknown_variant", f"winner has to be one of: {names}.")


def moved(experiment: Experiment, to: Status, winner: str | None, now: datetime) -> Experiment:
    """The experiment after the move. Completing raises the epoch: what came too late has to leave the sums."""
    update: dict[str, Any] = {"status": to, "version": experiment.version + 1, "updated_at": now}
    if to is Status.ACTIVE and experiment.started_at is None:
        update["started_at"] = now
    if to is Status.PAUSED:
        update["paused_at"] = now
    if to is Status.COMPLETED:
        update |= {"completed_at": now, "winner": winner, "epoch": experiment.epoch + 1}
    return experiment.model_copy(update=update)


def check_change(experiment: Experiment, settings: Settings) -> frozenset[str]:
    """The names of the fields that the new settings change, if they may.

    Raises:
        ConflictError: a field may not be changed at all, or not any more.
    """
    changed = frozenset(name for name in Settings.model_fields if _differs(name, experiment, settings))
    frozen = [name for name in NEVER_CHANGED if name in changed]
    if experiment.status is not Status.DRAFT:
        frozen += sorted(changed - CHANGED_WHEN_STARTED - set(NEVER_CHANGED))
        if settings.schedule.start_at != experiment.schedule.start_at:
            frozen.append("schedule.start_at")
    if frozen:
        raise _frozen(experiment, frozen)
    if experiment.status is not Status.DRAFT and settings.coverage < experiment.coverage:
        detail = "The coverage of a started experiment can be raised only. To stop enrolment, pause it."
        raise ConflictError("coverage_lowered", detail, (Fault(("coverage",), "coverage_lowered", detail),))
    return changed


def _differs(name: str, one: Settings, other: Settings) -> bool:
    """Whether a field differs; in what may hold any JSON, true is not 1, and 1.0 is not 1."""
    if getattr(one, name) != getattr(other, name):
        return True
    return name in OPEN_JSON and not is_same_json(OPEN_JSON[name](one), OPEN_JSON[name](other))


def needs_recount(old: Experiment, new: Settings) -> bool:
    """Whether what is counted changes, or by which dimensions, so that every unit has to be folded again."""
    return _has_other_metrics(old, new) or _has_other_dimensions(old, new)


def recount_reason(old: Experiment, new: Experiment) -> str | None:
    """What in a change makes every unit be folded again; None where nothing does."""
    if old.status is not new.status:
        return "completed"
    if _has_other_metrics(old, new):
        return "metrics_changed"
    return "dimensions_changed" if _has_other_dimensions(old, new) else None


def _has_other_metrics(old: Experiment, new: Settings) -> bool:
    counted = old.model_copy(update={"metrics": new.metrics, "analysis": new.analysis})
    return old.metrics != new.metrics or fingerprints(old) != fingerprints(counted)


def _has_other_dimensions(old: Settings, new: Settings) -> bool:
    return set(old.dimensions) != set(new.dimensions)


def _frozen(experiment: Experiment, names: list[str]) -> ConflictError:
    is_final = all(name in NEVER_CHANGED for name in names)
    state = "can never be changed" if is_final else f"cannot be changed once {experiment.status}"
    faults = tuple(Fault(tuple(name.split(".")), "frozen_field", f"{name} cannot be changed now.") for name in names)
    return ConflictError("frozen_field", f"{', '.join(names)} {state}.", faults)
