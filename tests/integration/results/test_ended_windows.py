"""A metric with a window: which units count while days go by, after the completion, and when they are erased."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from fairsplit.domain.timestamps import day_of
from tests.gateway import Gateway
from tests.integration.experiments.making import create_in, move
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, REVENUE, enter, event, noon, numbers, results, send

pytestmark = pytest.mark.engine
Wait = Callable[[timedelta], None]
EARLY = ORDERS | {"key": "early", "window_hours": 24}
PAID = REVENUE | {"window_hours": 36}
EACH = {"key": "each", "kind": "ratio", "numerator": "revenue", "denominator": "early"}
METRICS = [ORDERS, EARLY, PAID, EACH]
BY_DAY = {"first": 5, "second": 3, "third": 2, "fourth": 1}  # how many days ago units came


def ago(pipeline: Pipeline, days: int, hours: float = 0) -> datetime:
    """Noon of a day in the past, by the pipeline's clock, and so many hours after."""
    return noon(days, hours) + pipeline.shift


@pytest.fixture
def key(gateway: Gateway, pipeline: Pipeline) -> str:
    """An experiment with a unit a day. Each buys twice on its first day, for ten and for its number."""
    key: str = create_in(gateway, "active", metrics=METRICS)["key"]
    for number, (unit, days) in enumerate(BY_DAY.items()):
        enter(gateway, key, {f"{key}-{unit}": "green"}, ago(pipeline, days))
        send(gateway, [event(f"{key}-{unit}", ago(pipeline, days, 1), value=10)])
        send(gateway, [event(f"{key}-{unit}", ago(pipeline, days, 2), value=number)])
    pipeline.drain()
    return key


def counted(body: Any, metric: str) -> tuple[int, float, list[str]]:
    """How many units a metric counts, its sum, and which notes there are of windows."""
    found = numbers(body, "green", metric)
    notes = [one["code"] for one in found.get("notes", []) if one["code"].startswith("window")]
    return found["units"], found["sum"], notes


def test_only_units_whose_window_has_ended_count_once_they_are_the_majority(gateway: Gateway, key: str) -> None:
    """A day's window of those who came two days ago has ended; so has one of a day and a half of the first two."""
    body = results(gateway, key)
    assert counted(body, "orders") == (4, 8, [])
    assert counted(body, "early") == (3, 6, ["window_ended_only"])
    assert counted(body, "revenue") == (4, 46, ["window_running"])
    assert counted(body, "each") == (4, 46, ["window_running"])
    assert {one["key"]: one["units"] for one in body["variants"]} == {"control": 0, "green": 4}


def test_up_to_an_earlier_day_it_is_as_it_was_on_that_day(gateway: Gateway, pipeline: Pipeline, key: str) -> None:
    """Two days ago three units were there: the windows of two had ended; three days ago one of two."""
    assert counted(results(gateway, key, last=day_of(ago(pipeline, 2))), "early") == (2, 4, ["window_ended_only"])
    assert counted(results(gateway, key, last=day_of(ago(pipeline, 3))), "early") == (2, 4, ["window_running"])


def test_a_range_of_all_days_gives_the_same_from_the_units_themselves(
    gateway: Gateway, pipeline: Pipeline, key: str
) -> None:
    for days in (0, 2, 3):
        last = day_of(ago(pipeline, days))
        rows, units = (results(gateway, key, last=last, **first) for first in ({}, {"first": "2000-01-01"}))
        assert (rows["variants"], rows["comparisons"]) == (units["variants"], units["comparisons"])


def test_a_series_ends_today_at_the_latest(gateway: Gateway, pipeline: Pipeline, key: str) -> None:
    days = [one["date"] for one in results(gateway, key, group_by="day")["timeseries"]]
    assert days[0] == day_of(ago(pipeline, 5)).isoformat()
    assert days[-1] == day_of(ago(pipeline, 1)).isoformat()


def test_what_is_erased_is_not_among_the_ended_ones(gateway: Gateway, pipeline: Pipeline, key: str) -> None:
    assert gateway.delete(f"/v1/units/{key}-second").status == 204
    pipeline.drain()
    assert counted(results(gateway, key), "early") == (2, 4, ["window_ended_only"])


def test_a_recount_counts_the_same(gateway: Gateway, pipeline: Pipeline, key: str) -> None:
    before = results(gateway, key)["variants"]
    assert gateway.post(f"/v1/experiments/{key}/recount").status == 202
    pipeline.maintain()
    body = results(gateway, key)
    assert body["summary"]["recount"] is None
    assert body["variants"] == before


def test_a_changed_window_counts_by_the_new_one(gateway: Gateway, pipeline: Pipeline, key: str) -> None:
    changed = [ORDERS, EARLY | {"window_hours": 73}, PAID, EACH]
    assert gateway.patch(f"/v1/experiments/{key}", {"metrics": changed}).status == 200
    pipeline.maintain()
    assert counted(results(gateway, key), "early") == (4, 8, ["window_running"])


def test_windows_end_as_days_go_by(gateway: Gateway, pipeline: Pipeline, key: str, later: Wait) -> None:
    assert counted(results(gateway, key), "each") == (4, 46, ["window_running"])
    later(timedelta(days=2))
    pipeline.maintain()
    body = results(gateway, key)
    assert counted(body, "early") == (4, 8, [])
    assert counted(body, "revenue") == (4, 46, [])
    assert counted(body, "each") == (4, 46, [])
    assert numbers(body, "green", "each")["mean"] == 46 / 8


def test_windows_that_the_completion_cut_off_have_not_ended(
    gateway: Gateway, pipeline: Pipeline, key: str, later: Wait
) -> None:
    move(gateway, key, "completed")
    before = results(gateway, key)
    assert counted(before, "early") == (3, 6, ["window_ended_only"])
    later(timedelta(days=9))
    pipeline.maintain()
    assert results(gateway, key)["variants"] == before["variants"]
