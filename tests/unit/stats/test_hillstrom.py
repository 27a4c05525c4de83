"""A real experiment: Hillstrom's e-mail test, against tea-tasting on the raw rows."""

from __future__ import annotations

import csv
import gzip
from functools import cache
from pathlib import Path

import pytest

from fairsplit.domain.stats.comparison import compare
from fairsplit.domain.stats.plan import Plan
from tests.oracle import pa, tt
from tests.unit.stats.making import sample_of

FILE = Path(__file__).parents[2] / "data" / "hillstrom.csv.gz"
CONTROL = "No E-Mail"


@cache
def values(segment: str, column: str) -> list[float]:
    with gzip.open(FILE, "rt") as stream:
        return [float(row[column]) for row in csv.DictReader(stream) if row["segment"] == segment]


@pytest.mark.parametrize("segment", ["Mens E-Mail", "Womens E-Mail"])
@pytest.mark.parametrize("column", ["visit", "conversion", "spend"])
def test_p_value_and_intervals_equal_tea_tastings(segment: str, column: str) -> None:
    a, b = values(CONTROL, column), values(segment, column)
    table = pa.table({"variant": [0] * len(a) + [1] * len(b), "y": a + b})
    theirs = tt.Experiment(y=tt.Mean("y", equal_var=False, use_t=True)).analyze(table)["y"]
    ours = compare(sample_of(a), sample_of(b), kind="mean", plan=Plan()).absolute
    assert ours.ci is not None
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours.ci[0] == pytest.approx(theirs.effect_size_ci_lower, rel=1e-9)
    assert ours.ci[1] == pytest.approx(theirs.effect_size_ci_upper, rel=1e-9)
