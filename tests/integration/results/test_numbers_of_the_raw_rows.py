"""The statistics that results answer, against scipy and tea-tasting on the raw rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.gateway import Gateway
from tests.integration.results.story import SIZES, Story
from tests.oracle import pa, tt
from tests.traffic import comparison, results

pytestmark = pytest.mark.engine
MEANS = ["purchased", "orders", "revenue", "kilograms", "early", "errors"]
TREATMENTS = ["green", "blue"]
CLOSE = 1e-9


@pytest.fixture(scope="module")
def body(gateway: Gateway, story: Story) -> Any:
    return results(gateway, story.key)


def theirs(story: Story, variant: str) -> Any:
    """What tea-tasting says of the ratio, and of revenue, between a variant and the control."""
    arms = ["control", variant]
    table = pa.table(
        {
            "variant": [number for number, arm in enumerate(arms) for _ in range(SIZES[arm])],
            **{name: [one for arm in arms for one in story.values(name, arm)] for name in ("revenue", "orders")},
        }
    )
    experiment = tt.Experiment(aov=tt.RatioOfMeans("revenue", "orders"), revenue=tt.Mean("revenue"))
    return experiment.analyze(table, control=0)


@pytest.mark.parametrize("variant", TREATMENTS)
@pytest.mark.parametrize("metric", MEANS)
def test_a_difference_of_means_is_welchs(story: Story, body: Any, metric: str, variant: str) -> None:
    ours = comparison(body, metric, variant)
    expected = stats.ttest_ind(story.values(metric, variant), story.values(metric, "control"), equal_var=False)
    assert ours["p_value"] == pytest.approx(expected.pvalue, rel=CLOSE)
    assert (ours["statistic"], ours["df"]) == pytest.approx((expected.statistic, expected.df), rel=CLOSE)
    assert ours["absolute"]["ci"] == pytest.approx(list(expected.confidence_interval()), rel=CLOSE)


@pytest.mark.parametrize("variant", TREATMENTS)
@pytest.mark.parametrize("metric", ["aov", "revenue"])
def test_a_ratio_follows_the_delta_method(story: Story, body: Any, metric: str, variant: str) -> None:
    ours, expected = comparison(body, metric, variant), theirs(story, variant)[metric]
    assert ours["absolute"]["estimate"] == pytest.approx(expected.effect_size, rel=CLOSE)
    assert ours["p_value"] == pytest.approx(expected.pvalue, rel=CLOSE)
    bounds = [expected.effect_size_ci_lower, expected.effect_size_ci_upper]
    assert ours["absolute"]["ci"] == pytest.approx(bounds, rel=CLOSE)


@pytest.mark.parametrize("variant", TREATMENTS)
@pytest.mark.parametrize("metric", MEANS)
def test_a_lifts_interval_is_fiellers(story: Story, body: Any, metric: str, variant: str) -> None:
    """The bounds are the roots of (d − L·ā)² = c²·(Vb + (1 + L)²·Va)."""
    ours = comparison(body, metric, variant)
    a, b = (np.array(story.values(metric, arm)) for arm in ("control", variant))
    d, va, vb = b.mean() - a.mean(), a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    square = stats.t.isf(0.025, stats.ttest_ind(b, a, equal_var=False).df) ** 2
    quadratic = [
        a.mean() ** 2 - square * va,
        -2 * (d * a.mean() + square * va),
        d**2 - square * (va + vb),
    ]
    assert ours["relative"]["estimate"] == pytest.approx(d / abs(a.mean()), rel=CLOSE)
    assert ours["relative"]["ci"] == pytest.approx(sorted(np.roots(quadratic)), rel=CLOSE)


@pytest.mark.parametrize("variant", SIZES)
def test_a_variants_own_interval_is_students(story: Story, body: Any, variant: str) -> None:
    values = story.values("revenue", variant)
    ours = next(one for one in body["variants"] if one["key"] == variant)["metrics"]["revenue"]
    expected = stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))
    assert ours["ci"] == pytest.approx(list(expected), rel=CLOSE)


@pytest.mark.parametrize(("role", "method"), [("primary", "holm"), ("secondary", "bh")])
def test_p_values_are_adjusted_in_their_family(body: Any, role: str, method: str) -> None:
    family = [one for one in body["comparisons"] if one["role"] == role]
    adjusted = false_discovery(family) if method == "bh" else holm(family)
    assert [one["adjusted_p_value"] for one in family] == pytest.approx(adjusted, rel=CLOSE)


def holm(family: list[Any]) -> list[float]:
    """Holm's step-down, written out."""
    p_values = [one["p_value"] for one in family]
    order, largest, adjusted = sorted(range(len(p_values)), key=p_values.__getitem__), 0.0, dict[int, float]()
    for rank, number in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[number]))
        adjusted[number] = largest
    return [adjusted[number] for number in range(len(p_values))]


def false_discovery(family: list[Any]) -> list[float]:
    return [float(p) for p in stats.false_discovery_control([one["p_value"] for one in family])]


def test_a_guardrail_is_in_no_family(body: Any) -> None:
    found = [one for one in body["comparisons"] if one["role"] == "guardrail"]
    assert [one["adjusted_p_value"] for one in found] == [one["p_value"] for one in found]


def test_the_split_is_judged_by_chi_square(body: Any) -> None:
    total = sum(SIZES.values())
    shares = {"control": 0.4, "green": 0.4, "blue": 0.2}
    srm = body["summary"]["srm"]
    expected = stats.chisquare(list(SIZES.values()), [total * share for share in shares.values()]).pvalue
    assert (srm["observed"], srm["expected"]) == (SIZES, {key: pytest.approx(total * shares[key]) for key in shares})
    assert srm["p_value"] == pytest.approx(expected, rel=CLOSE)
    assert (srm["flagged"], srm["alert"]) == (False, False)
