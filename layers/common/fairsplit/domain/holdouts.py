"""Holdouts: units that no other experiment of a namespace takes, compared with everybody else in it.

A holdout takes a range of a namespace as every experiment does, so nobody else can have its units. Who falls into the
range gets its control; all others of the namespace, whoever else takes them, get its other variant. Both are asked for
and stored like any assignment. The weights follow from the range, so that the split is tested against the truth.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from fairsplit.domain.errors import Fault
from fairsplit.domain.experiment import Settings

HOLDOUT = "holdout"
DECIMALS = 12  # of a weight: with so many both still sum to 100 exactly
DEFAULT_VARIANTS = ({"key": "holdout"}, {"key": "exposed"})


def with_weights(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """A client's JSON of a holdout with its variants and their weights; what is no holdout as it is."""
    if body.get("kind") != HOLDOUT:
        return body
    variants = body.get("variants", DEFAULT_VARIANTS)
    if not isinstance(variants, list | tuple) or not all(isinstance(one, Mapping) for one in variants):
        return body
    width = _width(body.get("namespace"))
    control = body.get("control", variants[0].get("key") if variants else None)
    weights = [width if one.get("key") == control else 100 - width for one in variants]
    weighted = [{**one, "weight": _number(weight)} for one, weight in zip(variants, weights, strict=True)]
    return {**body, "variants": weighted}


def broken_rules(settings: Settings) -> Iterator[Fault]:
    """Each rule of holdouts that the settings break."""
    if not settings.is_holdout:
        return
    if settings.namespace is None:
        yield Fault(("namespace",), "namespace_required", "A holdout takes a range of a namespace: name it.")
    elif settings.namespace.end - settings.namespace.start >= 100:
        yield Fault(("namespace", "to"), "holdout_leaves_nobody", "Hold out less than all: nobody else would be left.")
    if len(settings.variants) != 2:
        message = "A holdout has two variants: its control for who is held out, and one for everybody else."
        yield Fault(("variants",), "holdout_variants", message)
    if settings.coverage != 100:
        message = "A holdout covers its whole namespace: leave coverage at 100, and make the range as large as needed."
        yield Fault(("coverage",), "holdout_coverage", message)


def _width(namespace: Any) -> Decimal:
    """The range's percentage; 0 where it is none, which other rules tell."""
    ends = [namespace.get(name) for name in ("from", "to")] if isinstance(namespace, Mapping) else [0, 0]
    if any(isinstance(one, bool) or not isinstance(one, int | float) or not 0 <= one <= 100 for one in ends):
        return Decimal(0)
    return max(round(Decimal(repr(ends[1])) - Decimal(repr(ends[0])), DECIMALS), Decimal(0))


def _number(weight: Decimal) -> int | float:
    return int(weight) if weight == int(weight) else float(weight)
