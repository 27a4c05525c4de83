"""Results by the values of a dimension: each analysed as if it was the whole experiment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fairsplit.domain.moments import Moments
from fairsplit.domain.results.answers import split_json
from fairsplit.domain.results.figures import Figures
from fairsplit.domain.results.report import comparisons, variants


def breakdown(figures: Figures, dimension: str, by_value: Mapping[str, Moments]) -> dict[str, Any]:
    """The numbers of each value, given by its JSON; those with most units first."""
    ordered = sorted(by_value.items(), key=lambda one: (-one[1].units("units"), one[0]))
    shown = replace(figures, looks=None)  # the looks were at the whole experiment
    return {"dimension": dimension, "values": [_value(shown, value, moments) for value, moments in ordered]}


def cells(figures: Figures, by_value: Mapping[str, Moments]) -> int:
    """How many numbers of variants and comparisons the breakdown has."""
    columns = len(figures.variants()) + len(figures.treatments())
    return len(by_value) * len(figures.metrics()) * columns


def _value(figures: Figures, value: str, moments: Moments) -> dict[str, Any]:
    judged = figures.judgements(moments)
    return {
        "value": json.loads(value),
        "units": moments.units("units"),
        "srm": split_json(figures.split(moments)),
        "variants": variants(figures, moments, judged),
        "comparisons": comparisons(figures, judged),
    }
