"""What floating point loses or makes up: exact sums, refusals by all methods, no answer that JSON cannot hold."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any

import numpy as np
import pytest
from gbstats.models.statistics import SampleMeanStatistic
from hypothesis import given, settings
from hypothesis import strategies as st
from tea_tasting.aggr import read_aggregates

from fairsplit.domain.stats.beliefs import chances
from fairsplit.domain.stats.comparison import Comparison, compare, describe
from fairsplit.domain.stats.plan import METHODS, Plan, PlannedLook
from fairsplit.domain.stats.sample import Sample
from tests.oracle import pa
from tests.unit.stats.making import SCALE, sample_of

UNITS = 1_000_000
FAR = 10**9
NOTHING = Sample(0, 0, 0)
KINDS = ("conversion", "count", "mean", "ratio")
LOOKS = (None, PlannedLook((0.25, 0.5), 1), PlannedLook((1.0,), 0))

Unit = tuple[float, float, float]  # the value, a ratio's denominator, the value from before


def far_away(seed: int, units: int) -> tuple[Any, Sample]:
    """So many values of sd 1, in ten-thousandths, and the sums of the same values around 10⁹."""
    small = np.random.default_rng(seed).normal(0, SCALE, units).round().astype(np.int64)
    whole = [int(value) + FAR * SCALE for value in small]
    return small, Sample(units, sum(whole), sum(value * value for value in whole))


def test_the_variance_around_a_billion_is_that_of_the_raw_values_and_gbstats_has_no_digit_of_it() -> None:
    small, sums = far_away(1, UNITS)
    truth = float(np.var(small, ddof=1)) / SCALE**2
    theirs = SampleMeanStatistic(n=UNITS, sum=sums.sum / SCALE, sum_squares=sums.sum_of_squares / SCALE**2)
    rows = pa.table({"y": FAR + small / SCALE})
    columns = {"has_count": True, "mean_cols": ["y"], "var_cols": ["y"], "cov_cols": []}
    assert sums.variance == pytest.approx(truth, rel=1e-12)
    assert abs(theirs.variance / truth - 1) > 1
    assert read_aggregates(rows, None, **columns).var("y") == pytest.approx(truth, rel=1e-9)  # it reads rows twice


def test_a_comparison_around_a_billion_is_the_one_around_0() -> None:
    (one, far_one), (other, far_other) = far_away(2, 5_000), far_away(3, 4_000)
    near = compare(*(sample_of(values / SCALE) for values in (one, other)), kind="mean", plan=Plan())
    far = compare(far_one, far_other, kind="mean", plan=Plan())
    assert near.absolute.ci is not None
    assert far.relative.ci is not None
    assert far.absolute == near.absolute
    assert far.relative.ci == pytest.approx([bound / FAR for bound in near.absolute.ci], rel=1e-7)


def test_0_of_1000_against_5_of_1000_has_an_answer() -> None:
    found = compare(Sample(1000, 0, 0, 1), Sample(1000, 5, 5, 1), kind="conversion", plan=Plan())
    assert found.exact is not None
    assert found.p_value == found.exact.p_value == pytest.approx(0.0311, abs=1e-4)
    assert found.absolute.ci is not None
    assert found.relative.estimate is None


@pytest.mark.parametrize("kind", ["count", "mean"])
def test_one_variant_without_variance_leaves_the_others(kind: str) -> None:
    found = compare(sample_of([2] * 50), sample_of([2, 3] * 25), kind=kind, plan=Plan())
    assert found.absolute.df == pytest.approx(49)
    assert found.absolute.estimate == 0.5
    assert found.relative.ci is not None


@pytest.mark.parametrize("cuped", [False, True])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("control", "treatment", "estimate", "code"),
    [
        (NOTHING, sample_of([1, 2, 3]), None, "no_units"),
        (NOTHING, NOTHING, None, "no_units"),
        (sample_of([1, 2, 3]), NOTHING, None, "no_units"),
        (sample_of([1]), sample_of([1, 2, 3]), 1, "too_few_units"),
        (sample_of([1, 2, 3]), sample_of([4]), 2, "too_few_units"),
        (sample_of([2, 2]), sample_of([3, 3]), 1, "no_variance"),
        (sample_of([0, 0]), sample_of([0, 0]), 0, "no_variance"),
    ],
)
def test_all_methods_refuse_to_judge_what_cannot_be_judged(
    control: Sample, treatment: Sample, estimate: float | None, code: str, method: str, cuped: bool
) -> None:
    found = compare(control, treatment, kind="mean", plan=Plan(method, cuped=cuped))
    assert found.absolute.estimate == estimate
    assert (found.absolute.ci, found.relative.ci, found.p_value, found.belief, found.exact) == (None,) * 5
    assert code in [note.code for note in found.notes]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("control", [sample_of([0, 0, 0]), sample_of([-1, 0, 1])])
def test_no_method_has_a_lift_over_0(control: Sample, method: str) -> None:
    found = compare(control, sample_of([1, 2, 3]), kind="mean", plan=Plan(method))
    assert (found.absolute.estimate, found.relative.estimate, found.relative.ci) == (2, None, None)
    assert [note.code for note in found.notes] == ["control_mean_zero"]


@pytest.mark.parametrize("method", METHODS)
def test_no_method_has_a_ratio_without_a_denominator(method: str) -> None:
    found = compare(sample_of([1, 2], [1, -1]), sample_of([1, 2], [1, 1]), kind="ratio", plan=Plan(method))
    assert (found.absolute.estimate, found.absolute.ci, found.relative.estimate, found.p_value) == (None,) * 4
    assert [note.code for note in found.notes] == ["no_denominator"]


@pytest.mark.parametrize("method", ["sequential", "bayesian"])
def test_methods_without_an_exact_test_refuse_few_conversions(method: str) -> None:
    found = compare(Sample(1000, 1, 1, 1), Sample(1000, 5, 5, 1), kind="conversion", plan=Plan(method))
    assert found.absolute.estimate == 0.004
    assert (found.absolute.ci, found.relative.ci, found.p_value, found.belief) == (None,) * 4
    assert [note.code for note in found.notes] == ["too_few_conversions"]


@pytest.mark.parametrize("alpha", [1e-300, 5e-324, 1 - 1e-16])
def test_the_farthest_levels_have_no_infinite_bounds(alpha: float) -> None:
    control, treatment = sample_of([5_000, 5_000]), sample_of([1_000, 9_000])
    found = compare(control, treatment, kind="mean", plan=Plan(alpha=alpha))
    assert all(map(math.isfinite, (*(found.absolute.ci or ()), *(found.relative.ci or ()))))


def test_a_treatment_of_nothing_but_0_is_not_known_to_have_lost_all() -> None:
    found = compare(sample_of([1, 2, 3, 2]), sample_of([0, 0, 0, 0]), kind="mean", plan=Plan("bayesian"))
    assert found.belief is None or found.belief.lift.sd > 0
    assert found.belief or found.notes


def test_there_is_no_verdict_on_a_guardrail_where_cuped_leaves_no_variance() -> None:
    control, treatment = sample_of([0, 0], before=[0, 0]), sample_of([0, 1], before=[0, 1])
    found = compare(control, treatment, kind="mean", plan=Plan(cuped=True))
    assert [note.code for note in found.notes][:1] == ["no_variance"]
    assert found.guardrail(margin=0.1, direction="increase") is None


def values(kind: str) -> st.SearchStrategy[float]:
    """What a unit can have; ten-thousandths up to the largest value that is taken in."""
    if kind == "conversion":
        return st.sampled_from([0.0, 1.0])
    if kind == "count":
        return st.integers(0, 4).map(float)
    near_the_limit = st.integers(-2, 2).map(lambda step: FAR + step / SCALE)
    return st.sampled_from([0.0, 0.0001, -0.0001, 1.0]) | st.integers(-FAR, FAR).map(float) | near_the_limit


def units_of(kind: str) -> st.SearchStrategy[list[Unit]]:
    others = st.sampled_from([0.0, 1.0, -1.0, 2.5, 0.0001, float(FAR)])
    return st.lists(st.tuples(values(kind), others, others), max_size=12)


def sums(units: list[Unit]) -> Sample:
    return sample_of([one for one, _, _ in units], [one for _, one, _ in units], [one for _, _, one in units])


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[Unit], list[Unit], str, Plan, PlannedLook | None]:
    kind = draw(st.sampled_from(KINDS))
    plan = Plan(
        draw(st.sampled_from(METHODS)),
        draw(st.sampled_from([1e-6, 0.05, 0.5])),
        draw(st.booleans()),
        draw(st.sampled_from([1.0, 5_000.0, 1e9])),
    )
    return draw(units_of(kind)), draw(units_of(kind)), kind, plan, draw(st.sampled_from(LOOKS))


def everything(found: Comparison) -> list[Any]:
    """All that is answered about a comparison, as JSON has it."""
    judged = [
        found.guardrail(margin=margin, direction=direction)
        for margin in (0.01, 0.99)
        for direction in ("increase", "decrease")
    ]
    answer = [asdict(found), found.p_value, [asdict(one) for one in judged if one]]
    if found.belief is None:
        return answer
    believed = [
        (
            found.belief.chance_to_win(direction),
            found.belief.lift.expected_loss(direction),
            found.belief.difference.expected_loss(direction),
            chances([found.belief], direction),
        )
        for direction in ("increase", "decrease")
    ]
    return [*answer, believed]


@settings(max_examples=400, deadline=None)
@given(questions())
def test_no_answer_is_ever_infinite_or_not_a_number(
    question: tuple[list[Unit], list[Unit], str, Plan, PlannedLook | None],
) -> None:
    control, treatment, kind, plan, look = question
    found = compare(sums(control), sums(treatment), kind=kind, plan=plan, look=look)
    described = [asdict(describe(sums(units), kind=kind, alpha=plan.alpha)) for units in (control, treatment)]
    assert json.dumps([everything(found), described], allow_nan=False)
    assert found.p_value is None or 0 <= found.p_value <= 1


@settings(max_examples=200, deadline=None)
@given(questions(), st.data())
def test_neither_order_nor_batches_change_anything(
    question: tuple[list[Unit], list[Unit], str, Plan, PlannedLook | None], data: st.DataObject
) -> None:
    control, treatment, kind, plan, look = question
    at_once, in_parts = [sums(units) for units in (control, treatment)], []
    for units in (control, treatment):
        shuffled = data.draw(st.permutations(units))
        cuts = sorted(data.draw(st.lists(st.integers(0, len(units)), max_size=5)))
        batches = [sums(shuffled[start:end]) for start, end in pairwise([0, *cuts, len(units)])]
        in_parts.append(reduce(add, data.draw(st.permutations(batches))))
    assert in_parts == at_once
    assert compare(*in_parts, kind=kind, plan=plan, look=look) == compare(*at_once, kind=kind, plan=plan, look=look)
