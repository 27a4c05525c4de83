"""Experiments as the features that GrowthBook's SDKs load: they then choose variants themselves, as we would.

The same hash, the same ranges and the same conditions, so the same variant, for units of whom nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fairsplit.domain.allocation import namespace_range, namespace_seed, parts_of, seed_of
from fairsplit.domain.experiment import Experiment, Namespace, Status

UNIT = {"hashAttribute": "id", "hashVersion": 2}  # the SDK's attribute `id` is the unit's id


def features_of(experiments: Iterable[Experiment]) -> dict[str, Any]:
    """The features, by key: of experiments that take units in, and of those that have a winner.

    A paused experiment, or one that is over without a winner, is for those who are in: only the store knows them.
    """
    features = {}
    for one in experiments:
        if one.status is Status.ACTIVE:
            features[one.key] = {"defaultValue": value_of(one, one.control), "rules": [rule_of(one)]}
        elif one.status is Status.COMPLETED and one.winner:
            value = value_of(one, one.winner)
            features[one.key] = {"defaultValue": value, "rules": [{"force": value}]}  # some SDKs force no null
    return features


def rule_of(experiment: Experiment) -> dict[str, Any]:
    """The rule of an experiment that takes units in."""
    if experiment.is_holdout:
        return holdout_rule(experiment)
    rule = _rule(
        experiment,
        [variant.key for variant in experiment.variants],
        seed=experiment.seed,
        weights=[variant.weight / 100 for variant in experiment.variants],
        coverage=experiment.coverage / 100,
    )
    return rule | ({"filters": [filter_of(experiment.namespace)]} if experiment.namespace else {})


def holdout_rule(experiment: Experiment) -> dict[str, Any]:
    """The rule of a holdout, whose other variant takes both sides of the control's part of the namespace."""
    keys, ranges = zip(*parts_of(experiment), strict=True)
    return _rule(experiment, keys, seed=seed_of(experiment), ranges=[list(span) for span in ranges])


def _rule(experiment: Experiment, keys: Sequence[str], **how: Any) -> dict[str, Any]:
    rule = {
        "key": experiment.key,
        **UNIT,
        **how,
        "variations": [value_of(experiment, key) for key in keys],
        "meta": [{"key": key} for key in keys],
        "name": experiment.name,
        "phase": "0",
    }
    return rule | ({"condition": experiment.targeting} if experiment.targeting else {})


def filter_of(namespace: Namespace) -> dict[str, Any]:
    """The part of a namespace, as a filter of who may enter."""
    seed, span = namespace_seed(namespace), namespace_range(namespace)
    return {"attribute": "id", "seed": seed, "hashVersion": 2, "ranges": [list(span)]}


def value_of(experiment: Experiment, key: str) -> Any:
    """A variant's value."""
    variant = experiment.variant(key)
    return variant.value if variant else None
