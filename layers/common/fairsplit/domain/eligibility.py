"""Who gets which variant: the steps before an assignment is stored, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fairsplit.domain import targeting
from fairsplit.domain.dimensions import Value, whole
from fairsplit.domain.experiment import Experiment, Namespace
from fairsplit.domain.hashing import BUCKETS, bucket_of, bucket_ranges, choose, in_range, position_of


class Reason(StrEnum):
    """Why a unit has its variant, or none."""

    ASSIGNED = "assigned"
    OVERRIDE = "override"
    NOT_TARGETED = "not_targeted"
    NOT_COVERED = "not_covered"
    NOT_IN_NAMESPACE = "not_in_namespace"
    NOT_ACTIVE = "not_active"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the rules say of a unit: a variant's key, or None; why; and the bucket, where it was asked for."""

    variant: str | None
    reason: Reason
    bucket: int | None = None


def choose_variant(experiment: Experiment, unit_id: str, attributes: Mapping[str, Any]) -> Choice:
    """What a unit that has no assignment yet would get: by targeting, namespace and coverage, and then by the hash."""
    if not targeting.matches(experiment.targeting, attributes):
        return Choice(None, Reason.NOT_TARGETED)
    if experiment.namespace and not in_namespace(experiment.namespace, unit_id):
        return Choice(None, Reason.NOT_IN_NAMESPACE)
    bucket = bucket_of(experiment.seed, unit_id)
    weights = [variant.weight / 100 for variant in experiment.variants]
    number = choose(bucket / BUCKETS, bucket_ranges(len(weights), experiment.coverage / 100, weights))
    if number is None:
        return Choice(None, Reason.NOT_COVERED, bucket)
    return Choice(experiment.variants[number].key, Reason.ASSIGNED, bucket)


def in_namespace(namespace: Namespace, unit_id: str) -> bool:
    """Whether the unit falls into the experiment's range of the namespace, which hashes with a seed of its own."""
    return in_range(position_of(f"__{namespace.key}", unit_id), (namespace.start / 100, namespace.end / 100))


def dimensions_of(experiment: Experiment, attributes: Mapping[str, Any]) -> dict[str, Value]:
    """The values of all declared dimensions: texts cut at 128 characters, None where no plain value was given."""
    plain = {name: value for name, value in attributes.items() if isinstance(value, str | int | float)}
    return {
        name: value[:128] if isinstance(value, str) else value
        for name, value in whole(experiment.dimensions, plain).items()
    }
