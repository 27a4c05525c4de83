"""CUPED on the results of events: what each unit did before its assignment takes noise out, counted here by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from fairsplit.domain.timestamps import from_text
from tests.gateway import Gateway
from tests.integration.results.story import Story
from tests.traffic import comparison, results

pytestmark = pytest.mark.engine


def orders_before(story: Story, variant: str) -> list[float]:
    """How many purchases each unit made before its assignment, in the order of `story.values`."""
    times = {unit: at for unit, (key, at) in story.units.items() if key == variant}
    early = [
        one["unit_id"]
        for one in story.events
        if one["type"] == "purchase" and one["unit_id"] in times and from_text(one["timestamp"]) < times[one["unit_id"]]
    ]
    return [float(early.count(unit)) for unit in times]


def test_it_is_welchs_test_of_what_the_pre_period_leaves(gateway: Gateway, story: Story) -> None:
    one = comparison(results(gateway, story.key, cuped="true", correction="none"), "orders", "green")
    before, after = (
        [np.array(values) for values in both]
        for both in (
            [orders_before(story, key) for key in ("control", "green")],
            [story.values("orders", key) for key in ("control", "green")],
        )
    )
    xs, ys = np.concatenate(before), np.concatenate(after)
    theta = np.cov(ys, xs)[0, 1] / np.var(xs, ddof=1)
    left, right = (y - theta * x for y, x in zip(after, before, strict=True))
    plain = sum(np.var(y, ddof=1) / len(y) for y in after)
    rest = sum(np.var(y, ddof=1) / len(y) for y in (left, right))
    assert one["cuped"] == {
        "used": True,
        "theta": pytest.approx(theta, rel=1e-9),
        "variance_reduction": pytest.approx(1 - rest / plain, rel=1e-9),
    }
    assert one["absolute"]["estimate"] == pytest.approx(right.mean() - left.mean(), rel=1e-9)
    assert one["p_value"] == pytest.approx(stats.ttest_ind(right, left, equal_var=False).pvalue, rel=1e-9)


def test_variants_own_numbers_and_ratios_stay_as_they_are(gateway: Gateway, story: Story) -> None:
    plain, adjusted = (results(gateway, story.key, cuped=asked) for asked in ("false", "true"))
    assert adjusted["variants"] == plain["variants"]
    ratio = comparison(adjusted, "aov", "green")
    assert ratio["absolute"] == comparison(plain, "aov", "green")["absolute"]
    assert [note["code"] for note in ratio["notes"]] == ["cuped_not_for_ratios"]
