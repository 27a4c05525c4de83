"""Variants, control and coverage of a feature and of the experiment on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from fairsplit.domain.evidently_names import key_of_feature
from local.evidently.errors import RefusedError

WHOLE = 100_000  # thousandths of a percent
Document = Mapping[str, Any]


def split_of(experiment: Document, feature: Document) -> dict[str, Any]:
    """The experiment's variants with their weights, its control and its coverage.

    Variations that only overrides name have the weight 0.

    Raises:
        RefusedError: they cannot be had.
    """
    definition = experiment["onlineAbDefinition"]
    variation_of = {one["name"]: next(iter(one["featureVariations"].values())) for one in experiment["treatments"]}
    weights = dict.fromkeys(variation_of.values(), 0) | dict.fromkeys(feature.get("entityOverrides", {}).values(), 0)
    weights |= {variation_of.get(name, name): weight for name, weight in definition["treatmentWeights"].items()}
    return {
        "variants": _variants(feature, weights),
        "control": key_of_feature(variation_of[definition["controlTreatmentName"]]),
        "coverage": _percent(experiment["samplingRate"]),
    }


def default_of(feature: Document) -> dict[str, Any]:
    """The variants of a feature without an experiment: all get the default, which is the control.

    Raises:
        RefusedError: they cannot be had.
    """
    names = [one["name"] for one in feature.get("variations", [])]
    default = feature.get("defaultVariation", next(iter(names), ""))
    variants = _variants(feature, {name: WHOLE if name == default else 0 for name in names})
    return {"variants": variants, "control": key_of_feature(default)}


def _variants(feature: Document, weights: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "variations" not in feature:
        raise RefusedError("list-features leaves out the variations: add what get-feature prints")
    if len(weights) < 2:
        raise RefusedError("it has one variation, and an experiment has two at least")
    values = {one["name"]: _value(one["value"]) for one in feature["variations"]}
    if missing := sorted(weights.keys() - values.keys()):
        raise RefusedError(f"the feature {feature['name']} has no variation {missing[0]}")
    keys = Counter(key_of_feature(name) for name in weights)
    if alike := [key for key, count in keys.items() if count > 1]:
        raise RefusedError(f"several variations would have the key {alike[0]}: rename all but one of them in the file")
    return [
        {"key": key_of_feature(name), "weight": _percent(weight), "value": values[name]}
        for name, weight in weights.items()
    ]


def _value(typed: Document) -> Any:
    """The value of a variation; a double stays one, also where the export shows it without its point."""
    ((name, value),) = typed.items()
    return float(str(value)) if name == "doubleValue" else value


def _percent(thousandths: Any) -> int | float:
    """Thousandths of a percent as percent."""
    if not isinstance(thousandths, int) or not 0 <= thousandths <= WHOLE:
        raise RefusedError(f"weights and rates are whole numbers from 0 to {WHOLE}, not {thousandths}")
    return thousandths / 1_000 if thousandths % 1_000 else thousandths // 1_000
