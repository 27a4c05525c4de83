"""What a reader may ask for: a metric, an event type, a variant, a range of days, the series."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.results.story import Story
from tests.traffic import ask, numbers, results, units

pytestmark = pytest.mark.engine
PLAIN = ["purchased", "orders", "revenue", "kilograms", "early", "errors"]


def middle(story: Story) -> date:
    """A day in the middle of the story."""
    return story.first_day + timedelta(days=4)


def without(body: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """An answer without what names its question and its moment."""
    return {name: value for name, value in body.items() if name not in {"as_of", "filters", *names}}


def test_one_metric_is_what_it_is_among_all(gateway: Gateway, story: Story) -> None:
    whole, part = results(gateway, story.key), results(gateway, story.key, metric="revenue")
    assert all(list(one["metrics"]) == ["revenue"] for one in part["variants"])
    assert part["comparisons"] == [one for one in whole["comparisons"] if one["metric"] == "revenue"]
    assert numbers(part, "green", "revenue") == numbers(whole, "green", "revenue")


@pytest.mark.parametrize(
    ("event_type", "metrics"),
    [("error", ["errors"]), ("purchase", ["purchased", "orders", "revenue", "kilograms", "aov", "early"])],
)
def test_an_event_type_asks_for_the_metrics_that_it_feeds(
    gateway: Gateway, story: Story, event_type: str, metrics: list[str]
) -> None:
    body = results(gateway, story.key, event_type=event_type)
    assert list(body["variants"][0]["metrics"]) == metrics
    assert {one["metric"] for one in body["comparisons"]} == set(metrics)


def test_one_treatment_is_compared_as_among_all(gateway: Gateway, story: Story) -> None:
    whole, part = results(gateway, story.key), results(gateway, story.key, variant="blue")
    assert [one["key"] for one in part["variants"]] == ["blue"]
    assert part["comparisons"] == [one for one in whole["comparisons"] if one["variant"] == "blue"]
    assert part["summary"] == whole["summary"]


def test_the_control_alone_is_compared_with_nothing(gateway: Gateway, story: Story) -> None:
    body = results(gateway, story.key, variant="control")
    assert ([one["key"] for one in body["variants"]], body["comparisons"]) == (["control"], [])


@pytest.mark.parametrize("metric", PLAIN)
def test_to_ends_with_that_day(gateway: Gateway, story: Story, metric: str) -> None:
    last = middle(story)
    body = results(gateway, story.key, last=last)
    values = story.values(metric, "green", last=last)
    assert body["source"] == "aggregates"
    assert units(body)["green"] == len(values)
    assert numbers(body, "green", metric)["sum"] == pytest.approx(sum(values), abs=1e-9)


@pytest.mark.parametrize("metric", PLAIN)
def test_from_counts_the_events_of_those_days_of_all_units(gateway: Gateway, story: Story, metric: str) -> None:
    first = middle(story)
    body = results(gateway, story.key, first=first, last=first + timedelta(days=1))
    values = story.values(metric, "green", first, first + timedelta(days=1))
    assert body["source"] == "units"
    assert units(body)["green"] == len(values)
    assert numbers(body, "green", metric)["sum"] == pytest.approx(sum(values), abs=1e-9)


@pytest.mark.parametrize("last_day", [None, 2, 5])
def test_both_sources_give_the_same_numbers(gateway: Gateway, story: Story, last_day: int | None) -> None:
    query: dict[str, Any] = {"group_by": "day"}
    if last_day is not None:
        query["last"] = story.first_day + timedelta(days=last_day)
    rows, single = results(gateway, story.key, **query), results(gateway, story.key, first=story.first_day, **query)
    assert (rows["source"], single["source"]) == ("aggregates", "units")
    assert without(rows, "source") == without(single, "source")


def test_the_filters_are_told_in_the_words_of_the_query(gateway: Gateway, story: Story) -> None:
    day = middle(story).isoformat()
    body = results(gateway, story.key, last=day, metric="orders", alpha="0.1", correction="bh", variant="green")
    expected = {"to": day, "metric": "orders", "alpha": 0.1, "correction": "bh", "variant": "green"}
    assert body["filters"] == expected


def test_a_smaller_alpha_widens_the_intervals(gateway: Gateway, story: Story) -> None:
    wide, narrow = (
        results(gateway, story.key, alpha=alpha)["comparisons"][0]["absolute"]["ci"] for alpha in (0.01, 0.2)
    )
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.mark.parametrize("count", [0, 3])
def test_from_is_refused_for_more_units_than_can_be_read(
    gateway: Gateway, story: Story, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    total = len(story.units)
    monkeypatch.setattr("fairsplit.services.reading_units.MOST_UNITS", total - count)
    answer = ask(gateway, story.key, first=story.first_day)
    assert answer.status == (422 if count else 200)
    assert not count or answer.faults == [(["query", "from"], "range_too_large")]
