"""Who gets which variant: the steps of a decision, in their order. The first one that settles it ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fairsplit.domain import targeting
from fairsplit.domain.allocation import bucket_in, namespace_position, namespace_range, parts_of
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.experiment import Experiment, Status
from fairsplit.domain.hashing import BUCKETS, choose, in_range

OVER = frozenset({Status.COMPLETED, Status.ARCHIVED})
RUNNING = frozenset({Status.ACTIVE, Status.PAUSED})


class Reason(StrEnum):
    """Why a unit has its variant, or none."""

    ASSIGNED = "assigned"
    OVERRIDE = "override"
    NOT_TARGETED = "not_targeted"
    NOT_COVERED = "not_covered"
    NOT_IN_NAMESPACE = "not_in_namespace"
    NOT_ACTIVE = "not_active"
    EXPERIMENT_NOT_FOUND = "experiment_not_found"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the rules say of a unit: a variant's key, or None; why; and the bucket, where it was asked for.

    `source` is the assignment that the variant comes from: the unit's own, or that of its fallback.
    """

    variant: str | None
    reason: Reason
    bucket: int | None = None
    source: Assignment | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked, and what is stored: of the unit, and of the one that it was before, its fallback."""

    experiment: Experiment
    unit_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    stored: Assignment | None = None
    fallback: Assignment | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What one step found: the choice, where it settles the decision, and what it looked at."""

    name: str
    choice: Choice | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The step as callers see it; `outcome` is `go_on`, or the reason that the decision ends with."""
        return {"step": self.name, "outcome": self.choice.reason if self.choice else "go_on", **self.facts}


Rule = Callable[[Case], Step]


def by_override(case: Case) -> Step:
    variant = case.experiment.overrides.get(case.unit_id)
    return Step("override", Choice(variant, Reason.OVERRIDE) if variant else None)


def by_winner(case: Case) -> Step:
    winner = case.experiment.winner if case.experiment.status in OVER else None
    return Step("winner", Choice(winner, Reason.ASSIGNED) if winner else None)


def by_stored(case: Case) -> Step:
    stored = case.stored
    return Step("stored", Choice(stored.variant, Reason.ASSIGNED, stored.bucket, stored) if stored else None)


def by_fallback(case: Case) -> Step:
    """What the unit had under its id of before goes on while the experiment runs, whatever targeting says now.

    Not in a holdout: who is held out follows from the place of the new id in the namespace, as for its experiments.
    """
    before, experiment = case.fallback, case.experiment
    if before is None or experiment.status not in RUNNING or experiment.is_holdout:
        return Step("fallback")
    return Step("fallback", Choice(before.variant, Reason.ASSIGNED, bucket_in(experiment, case.unit_id), before))


def by_status(case: Case) -> Step:
    status = case.experiment.status
    return Step("status", None if status is Status.ACTIVE else Choice(None, Reason.NOT_ACTIVE), {"status": status})


def by_targeting(case: Case) -> Step:
    """Of what is not met the top-level name alone is told: conditions and attributes may be private."""
    failed = targeting.first_unmet(case.experiment.targeting, case.attributes)
    if failed is None:
        return Step("targeting")
    return Step("targeting", Choice(None, Reason.NOT_TARGETED), {"unmet": failed})


def by_namespace(case: Case) -> Step:
    """A holdout is for everybody in the namespace: whether its range has the unit is what its hash asks."""
    namespace = case.experiment.namespace
    if namespace is None or case.experiment.is_holdout:
        return Step("namespace")
    position, (start, end) = namespace_position(namespace, case.unit_id), namespace_range(namespace)
    facts = {"namespace": namespace.key, "hash": position, "from": start, "to": end}
    inside = in_range(position, (start, end))
    return Step("namespace", None if inside else Choice(None, Reason.NOT_IN_NAMESPACE), facts)


def by_hash(case: Case) -> Step:
    """Coverage and weights in one: the bucket lies in the part that a variant takes, or in none."""
    bucket = bucket_in(case.experiment, case.unit_id)
    parts = parts_of(case.experiment)
    number = choose(bucket / BUCKETS, [span for _, span in parts])
    variant, reason = (None, Reason.NOT_COVERED) if number is None else (parts[number][0], Reason.ASSIGNED)
    facts = {
        "hash": bucket / BUCKETS,
        "bucket": bucket,
        "ranges": [{"variant": key, "from": start, "to": end} for key, (start, end) in parts],
    }
    return Step("hash", Choice(variant, reason, bucket), facts)


FIRST: Sequence[Rule] = (by_override, by_winner)
BY_HASH: Sequence[Rule] = (by_namespace, by_hash)
OF_NEW_UNITS: Sequence[Rule] = (by_targeting, *BY_HASH)
ALL_STEPS: Sequence[Rule] = (*FIRST, by_stored, by_fallback, by_status, *OF_NEW_UNITS)


def steps(case: Case, rules: Sequence[Rule] = ALL_STEPS) -> Iterator[Step]:
    """The steps up to the one that settles the decision."""
    for rule in rules:
        step = rule(case)
        yield step
        if step.choice:
            return


def settle(case: Case, rules: Sequence[Rule] = ALL_STEPS) -> Choice | None:
    """What the rules say in their order; None where none of them settles it."""
    return next((step.choice for step in steps(case, rules) if step.choice), None)


def settled(case: Case, rules: Sequence[Rule] = ALL_STEPS) -> Choice:
    """The same by rules that end with the hash, which settles everything."""
    choice = settle(case, rules)
    assert choice is not None  # noqa: S101 - the last rule always has one
    return choice


def choose_variant(experiment: Experiment, unit_id: str, attributes: Mapping[str, Any]) -> Choice:
    """What a unit that has no assignment yet would get: by targeting, namespace and coverage, and then by the hash."""
    return settled(Case(experiment, unit_id, attributes), OF_NEW_UNITS)


def hash_choice(experiment: Experiment, unit_id: str) -> Choice:
    """The same for a unit whose targeting was looked at elsewhere."""
    return settled(Case(experiment, unit_id), BY_HASH)
