"""Where a unit falls: its bucket in an experiment, and the parts of [0, 1) that variants and namespaces take."""

from __future__ import annotations

from fairsplit.domain.experiment import Experiment, Namespace
from fairsplit.domain.hashing import Range, bucket_of, bucket_ranges, in_range, position_of


def parts_of(experiment: Experiment) -> list[tuple[str, Range]]:
    """The parts of [0, 1) that variants take, each with the variant's key; in a holdout one takes both sides of it."""
    if experiment.is_holdout and experiment.namespace:
        start, end = namespace_range(experiment.namespace)
        other = next(variant.key for variant in experiment.variants if variant.key != experiment.control)
        return [(experiment.control, (start, end)), (other, (0, start)), (other, (end, 1))]
    keys = [variant.key for variant in experiment.variants]
    return list(zip(keys, variant_ranges(experiment), strict=True))


def variant_ranges(experiment: Experiment) -> list[Range]:
    """The part of [0, 1) that each variant takes by its weight."""
    weights = [variant.weight / 100 for variant in experiment.variants]
    return bucket_ranges(len(weights), experiment.coverage / 100, weights)


def seed_of(experiment: Experiment) -> str:
    """What the hash that chooses among variants starts from: a holdout's is the namespace's."""
    if experiment.is_holdout and experiment.namespace:
        return namespace_seed(experiment.namespace)
    return experiment.seed


def bucket_in(experiment: Experiment, unit_id: str) -> int:
    """The unit's bucket in the experiment, 0…9999."""
    return bucket_of(seed_of(experiment), unit_id)


def namespace_position(namespace: Namespace, unit_id: str) -> float:
    """The unit's place in [0, 1) of the namespace."""
    return position_of(namespace_seed(namespace), unit_id)


def namespace_seed(namespace: Namespace) -> str:
    """The seed of a namespace's hash, which no experiment's depends on."""
    return f"__{namespace.key}"


def namespace_range(namespace: Namespace) -> Range:
    """The part of [0, 1) that the experiment takes; its ends are rounded, so that 0.07 % is 7 buckets and not 8."""
    return round(namespace.start / 100, 12), round(namespace.end / 100, 12)


def in_namespace(namespace: Namespace, unit_id: str) -> bool:
    """Whether the unit falls into the experiment's range of the namespace."""
    return in_range(namespace_position(namespace, unit_id), namespace_range(namespace))
