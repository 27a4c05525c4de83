"""CUPED: against tea-tasting, against plain arithmetic on the raw rows, and what it promises."""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fairsplit.domain.stats.comparison import Comparison, compare
from fairsplit.domain.stats.cuped import adjusted
from fairsplit.domain.stats.plan import Plan
from fairsplit.domain.stats.sample import Sample
from tests.oracle import pa, tt
from tests.unit.stats.making import SCALE, sample_of

CUPED = Plan(cuped=True)
PAIRS = st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=3, max_size=25)
Rows = list[tuple[float, float]]  # (before, after)


def rows_of(seed: int, units: int, shift: float = 0.0, correlation: float = 0.7) -> Rows:
    """Raw values of units, before and after, with that correlation."""
    random, noise = Random(seed), math.sqrt(1 - correlation * correlation)
    pairs = []
    for _ in range(units):
        before = random.gauss(0, 1)
        after = 10 + shift + 2 * (correlation * before + noise * random.gauss(0, 1))
        pairs.append((round(before, 4), round(after, 4)))
    return pairs


def sums(rows: Rows) -> Sample:
    return sample_of([after for _, after in rows], before=[before for before, _ in rows])


def compared(control: Rows, treatment: Rows) -> Comparison:
    return compare(sums(control), sums(treatment), kind="mean", plan=CUPED)


def test_estimate_interval_p_value_and_adjusted_mean_are_tea_tastings() -> None:
    a, b = rows_of(1, 400), rows_of(2, 333, 0.2)
    table = pa.table(
        {
            "variant": [0] * len(a) + [1] * len(b),
            "y": [after for _, after in a + b],
            "x": [before for before, _ in a + b],
        }
    )
    theirs = tt.Experiment(y=tt.Mean("y", "x", equal_var=False, use_t=True)).analyze(table)["y"]
    ours = compared(a, b)
    assert ours.absolute.ci is not None
    assert ours.absolute.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours.absolute.estimate == pytest.approx(theirs.effect_size, rel=1e-9)
    assert ours.absolute.ci[0] == pytest.approx(theirs.effect_size_ci_lower, rel=1e-9)
    assert ours.absolute.ci[1] == pytest.approx(theirs.effect_size_ci_upper, rel=1e-9)
    assert ours.contrast.control == pytest.approx(theirs.control, rel=1e-9)
    assert ours.relative.estimate == pytest.approx(theirs.rel_effect_size, rel=1e-9)


def test_it_is_welchs_test_of_the_residuals() -> None:
    a, b = rows_of(3, 200), rows_of(4, 150, 0.3)
    ours = compared(a, b)
    assert ours.adjustment is not None
    left, right = ([after - ours.adjustment.theta * before for before, after in rows] for rows in (a, b))
    theirs = stats.ttest_ind(right, left, equal_var=False)
    assert ours.absolute.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert ours.absolute.df == pytest.approx(theirs.df, rel=1e-9)


def test_a_correlation_of_07_takes_half_of_the_variance_away() -> None:
    ours = compared(rows_of(5, 20_000), rows_of(6, 20_000))
    assert ours.adjustment is not None
    assert ours.adjustment.variance_reduction == pytest.approx(0.49, abs=0.01)


@given(PAIRS, PAIRS)
def test_all_variances_are_those_of_the_raw_rows(a: Rows, b: Rows) -> None:
    found = adjusted(sums(a), sums(b))
    if found is None:
        return
    ours, adjustment = found
    truth = _by_fractions(a, b)
    assert adjustment.theta == pytest.approx(float(truth["theta"]), rel=1e-12)
    for name in ("control", "difference", "control_variance", "treatment_variance", "covariance", "variance"):
        assert getattr(ours, name) == pytest.approx(float(truth[name]), rel=1e-9, abs=1e-9), name


@given(PAIRS, PAIRS)
def test_the_parts_add_up_to_the_variance_of_the_difference(a: Rows, b: Rows) -> None:
    found = adjusted(sums(a), sums(b))
    if found is None:
        return
    ours = found[0]
    assert ours.control_variance is not None
    assert ours.treatment_variance is not None
    assert ours.variance == pytest.approx(
        ours.control_variance + ours.treatment_variance - 2 * ours.covariance, rel=1e-9, abs=1e-9
    )


@given(PAIRS, PAIRS)
def test_the_lift_leaves_out_0_just_when_the_difference_does(a: Rows, b: Rows) -> None:
    ours = compared(a, b)
    if ours.relative.ci and ours.absolute.ci and abs((ours.absolute.p_value or 1) - 0.05) > 1e-6:
        assert (ours.relative.ci[0] <= 0 <= ours.relative.ci[1]) == (ours.absolute.ci[0] <= 0 <= ours.absolute.ci[1])


def test_a_perfect_prediction_leaves_exactly_nothing() -> None:
    rows: Rows = [(float(one), 2.0 * one + 1e9) for one in range(50)]
    ours = compared(rows, [(before, after + 1) for before, after in rows])
    assert ours.adjustment is not None
    assert (ours.absolute.p_value, ours.absolute.ci, ours.adjustment.variance_reduction) == (None, None, 1)
    assert ours.notes[0].code == "no_variance"


def test_large_means_lose_no_digit() -> None:
    a, b = rows_of(7, 300), rows_of(8, 300, 0.1)
    far = compared([(x + 1e8, y + 1e9) for x, y in a], [(x + 1e8, y + 1e9) for x, y in b])
    near = compared(a, b)
    assert far.absolute.p_value == pytest.approx(near.absolute.p_value, rel=1e-9)


@pytest.mark.parametrize(("before", "code"), [(0.0, "cuped_no_pre_period"), (3.0, "cuped_no_pre_period")])
def test_nothing_known_from_before_leaves_the_plain_test(before: float, code: str) -> None:
    a, b = [(before, y) for _, y in rows_of(9, 50)], [(before, y) for _, y in rows_of(10, 50)]
    ours, plain = compared(a, b), compare(sums(a), sums(b), kind="mean", plan=Plan())
    assert (ours.absolute, ours.adjustment) == (plain.absolute, None)
    assert [note.code for note in ours.notes] == [code]


def test_a_ratio_is_not_adjusted_and_says_so() -> None:
    a = sample_of([1, 2, 3], [1, 1, 2], [1, 2, 3])
    ours = compare(a, sample_of([2, 2, 3], [1, 3, 2], [1, 2, 3]), kind="ratio", plan=CUPED)
    assert ours.adjustment is None
    assert [note.code for note in ours.notes] == ["cuped_not_for_ratios"]


def _by_fractions(a: Rows, b: Rows) -> dict[str, Fraction]:
    """The same by exact arithmetic on the rows, straight from the definition."""
    left, right = ([(Fraction(round(x * SCALE), SCALE), Fraction(round(y * SCALE), SCALE)) for x, y in rows]
                   for rows in (a, b))  # fmt: skip
    both = left + right
    theta = _covariance(both) / _covariance([(x, x) for x, _ in both])
    na, nb = Fraction(len(left)), Fraction(len(right))
    wa, wb = na / (na + nb), nb / (na + nb)
    (xa, ya), (xb, yb) = (_means(left), _means(right))
    sxa, sxb = (_covariance([(x, x) for x, _ in rows]) / len(rows) for rows in (left, right))
    sya, syb = (_covariance([(y, y) for _, y in rows]) / len(rows) for rows in (left, right))
    ca, cb = (_covariance(rows) / len(rows) for rows in (left, right))
    return {
        "theta": theta,
        "control": ya - theta * wb * (xa - xb),
        "difference": (yb - ya) - theta * (xb - xa),
        "control_variance": sya - 2 * theta * wb * ca + (theta * wb) ** 2 * (sxa + sxb),
        "treatment_variance": syb - 2 * theta * wa * cb + (theta * wa) ** 2 * (sxa + sxb),
        "covariance": theta * wa * ca + theta * wb * cb - theta**2 * wa * wb * (sxa + sxb),
        "variance": sya + syb - 2 * theta * (ca + cb) + theta**2 * (sxa + sxb),
    }


def _means(rows: list[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    return sum((x for x, _ in rows), Fraction(0)) / len(rows), sum((y for _, y in rows), Fraction(0)) / len(rows)


def _covariance(rows: list[tuple[Fraction, Fraction]]) -> Fraction:
    x_mean, y_mean = _means(rows)
    return sum(((x - x_mean) * (y - y_mean) for x, y in rows), Fraction(0)) / (len(rows) - 1)
