"""Metrics of every kind, over HTTP from the raw events to the sums, against the same counted by hand."""

from __future__ import annotations

from statistics import variance

import pytest

from tests.gateway import Gateway
from tests.integration.results.story import SIZES, Story
from tests.traffic import numbers, results, units

pytestmark = pytest.mark.engine
PLAIN = ["purchased", "orders", "revenue", "kilograms", "early", "errors"]


@pytest.mark.parametrize("variant", SIZES)
@pytest.mark.parametrize("metric", PLAIN)
def test_a_metrics_numbers_are_those_of_its_units(gateway: Gateway, story: Story, metric: str, variant: str) -> None:
    ours = numbers(results(gateway, story.key), variant, metric)
    values = story.values(metric, variant)
    assert ours["sum"] == pytest.approx(sum(values), abs=1e-9)
    assert ours["mean"] == pytest.approx(sum(values) / len(values), rel=1e-12, abs=1e-12)
    assert ours["variance"] == pytest.approx(variance(values), rel=1e-9)


@pytest.mark.parametrize("variant", SIZES)
def test_a_ratio_is_one_sum_over_the_other(gateway: Gateway, story: Story, variant: str) -> None:
    ours = numbers(results(gateway, story.key), variant, "aov")
    above, below = sum(story.values("revenue", variant)), sum(story.values("orders", variant))
    assert (ours["sum"], ours["denominator_sum"]) == (pytest.approx(above), below)
    assert ours["mean"] == pytest.approx(above / below, rel=1e-12)


def test_units_with_an_event_and_events_are_counted(gateway: Gateway, story: Story) -> None:
    ours = numbers(results(gateway, story.key), "green", "revenue")
    counts = story.values("orders", "green")
    assert (ours["units_with_event"], ours["events"]) == (sum(one > 0 for one in counts), sum(counts))


def test_the_cap_bounds_a_units_total(gateway: Gateway, story: Story) -> None:
    values = story.values("revenue", "control")
    assert max(values) == 60  # or the story tells nothing of caps
    assert numbers(results(gateway, story.key), "control", "revenue")["sum"] == pytest.approx(sum(values))


def test_every_unit_counts_whether_it_did_anything_or_not(gateway: Gateway, story: Story) -> None:
    body = results(gateway, story.key)
    assert units(body) == SIZES
    assert body["summary"]["units"] == sum(SIZES.values())
    assert body["summary"]["srm"]["observed"] == SIZES


def test_an_event_of_several_metrics_counts_once_in_the_summary(gateway: Gateway, story: Story) -> None:
    assert results(gateway, story.key)["summary"]["events"] == len(list(story.counted(story.events)))
