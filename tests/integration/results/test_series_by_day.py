"""`group_by=day`: every day's new units and events, and all up to it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from fairsplit.domain.timestamps import day_of
from tests.gateway import Gateway
from tests.integration.results.story import SIZES, Story
from tests.traffic import comparison, numbers, results

pytestmark = pytest.mark.engine
METRICS = ["purchased", "orders", "revenue", "kilograms", "aov", "early", "errors"]


@pytest.fixture
def series(gateway: Gateway, story: Story) -> list[Any]:
    return list(results(gateway, story.key, group_by="day")["timeseries"])


def of(day: Any, variant: str) -> Any:
    """A variant's part of a day."""
    return next(one for one in day["variants"] if one["key"] == variant)


def test_there_is_none_unless_it_is_asked_for(gateway: Gateway, story: Story) -> None:
    assert results(gateway, story.key)["timeseries"] is None


def test_it_has_every_day_from_the_first_to_the_last_with_anything(series: list[Any], story: Story) -> None:
    days = [date.fromisoformat(day["date"]) for day in series]
    assert (days[0], days[-1]) == (story.days[0], story.days[-1])
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]


def test_its_last_day_equals_the_totals(gateway: Gateway, story: Story, series: list[Any]) -> None:
    body = results(gateway, story.key)
    for variant in SIZES:
        assert of(series[-1], variant)["units"] == SIZES[variant]
        for metric in METRICS:
            assert of(series[-1], variant)["metrics"][metric]["mean"] == numbers(body, variant, metric)["mean"]
    for one in series[-1]["comparisons"]:
        whole = comparison(body, one["metric"], one["variant"])["absolute"]
        assert (one["estimate"], one["ci"]) == (whole["estimate"], whole["ci"])


def test_its_days_add_up_to_the_totals(gateway: Gateway, story: Story, series: list[Any]) -> None:
    body = results(gateway, story.key)
    for variant in SIZES:
        assert sum(of(day, variant)["new_units"] for day in series) == SIZES[variant]
        for metric in METRICS:
            parts, whole = [of(day, variant)["metrics"][metric] for day in series], numbers(body, variant, metric)
            assert sum(one["events"] for one in parts) == whole["events"]
            assert sum(one["sum"] for one in parts) == pytest.approx(whole["sum"], abs=1e-9)


@pytest.mark.parametrize("number", [0, 3, 6])
def test_a_day_says_what_asking_up_to_it_says(gateway: Gateway, story: Story, series: list[Any], number: int) -> None:
    day = series[number]
    body = results(gateway, story.key, last=day["date"])
    assert [of(day, one["key"])["units"] for one in body["variants"]] == [one["units"] for one in body["variants"]]
    for metric in METRICS:
        assert of(day, "green")["metrics"][metric]["mean"] == numbers(body, "green", metric)["mean"]
    assert [(one["estimate"], one["ci"]) for one in day["comparisons"]] == [
        (one["absolute"]["estimate"], one["absolute"]["ci"]) for one in body["comparisons"]
    ]


def test_a_days_new_units_are_those_assigned_on_it(series: list[Any], story: Story) -> None:
    found = [of(day, "green")["new_units"] for day in series]
    entries = [day_of(at).isoformat() for variant, at in story.units.values() if variant == "green"]
    assert found == [entries.count(day["date"]) for day in series]


def test_it_has_what_is_asked_for_alone(gateway: Gateway, story: Story) -> None:
    day = results(gateway, story.key, group_by="day", metric="aov", variant="blue")["timeseries"][-1]
    assert [(one["key"], list(one["metrics"])) for one in day["variants"]] == [("blue", ["aov"])]
    assert [(one["metric"], one["variant"]) for one in day["comparisons"]] == [("aov", "blue")]


def test_with_from_it_begins_on_that_day_with_the_units_from_before(gateway: Gateway, story: Story) -> None:
    first = story.first_day + timedelta(days=3)
    day = results(gateway, story.key, group_by="day", first=first)["timeseries"][0]
    assert day["date"] == first.isoformat()
    assert of(day, "green")["units"] == len(story.values("orders", "green", last=first))


@pytest.mark.parametrize("first", ["0001-01-01", "2000-01-01"])
def test_it_does_not_begin_before_anything_was(gateway: Gateway, story: Story, first: str) -> None:
    days = results(gateway, story.key, group_by="day", first=first, metric="orders")["timeseries"]
    assert (days[0]["date"], len(days)) == (story.first_day.isoformat(), (story.days[-1] - story.first_day).days + 1)
