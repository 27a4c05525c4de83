"""Which events and units results count, by their time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from fairsplit.domain.timestamps import now
from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, create_in, move
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, event, noon, numbers, results, send, units

pytestmark = pytest.mark.engine
ENTRY = noon(5)
EARLY = ORDERS | {"key": "early", "window_hours": 24}
MILLISECOND = timedelta(milliseconds=1)
Count = Callable[..., int]


@pytest.fixture
def count(gateway: Gateway, pipeline: Pipeline) -> Count:
    """How many events a metric of a unit counts that entered at ENTRY and bought at those times."""

    def ask(*times: datetime, metric: str = "orders", **fields: Any) -> int:
        key = create_in(gateway, "active", metrics=[ORDERS, EARLY])["key"]
        enter(gateway, key, {f"{key}-u": "green"}, ENTRY)
        send(gateway, [event(f"{key}-u", at, **fields) for at in times])
        pipeline.drain()
        return int(numbers(results(gateway, key), "green", metric)["sum"])

    return ask


def test_an_event_counts_from_the_very_millisecond_of_the_assignment(count: Count) -> None:
    assert count(ENTRY - MILLISECOND, ENTRY, ENTRY + MILLISECOND) == 2


def test_the_pre_period_is_no_result(count: Count) -> None:
    assert count(ENTRY - timedelta(days=3), ENTRY - timedelta(days=30)) == 0


def test_a_window_ends_so_many_hours_after_the_assignment(count: Count) -> None:
    end = ENTRY + timedelta(hours=24)
    assert count(end - MILLISECOND, end, metric="early") == 1


def test_events_of_other_types_do_not_count(count: Count) -> None:
    assert count(ENTRY + timedelta(hours=1), kind="visit") == 0


def test_an_event_that_came_before_its_units_assignment_counts_by_its_time(
    gateway: Gateway, pipeline: Pipeline
) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    send(gateway, [event("early-bird", ENTRY - MILLISECOND), event("early-bird", ENTRY + MILLISECOND)])
    pipeline.drain()
    enter(gateway, key, {"early-bird": "green"}, ENTRY)
    pipeline.drain()
    assert numbers(results(gateway, key), "green", "orders")["sum"] == 1


def test_an_event_that_is_sent_again_counts_once(gateway: Gateway, pipeline: Pipeline) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    enter(gateway, key, {"twice": "green"}, ENTRY)
    bought = event("twice", ENTRY)
    for others in ([], [bought], [event("twice", ENTRY)]):  # alone, twice in one call, and beside another
        send(gateway, [bought, *others])
        pipeline.drain()
    assert numbers(results(gateway, key), "green", "orders")["sum"] == 2


def test_an_event_after_completion_does_not_count(
    gateway: Gateway, pipeline: Pipeline, later: Callable[[timedelta], None]
) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    enter(gateway, key, {"loyal": "green"}, ENTRY)
    completed_at = move(gateway, key, "completed").body["completed_at"]
    later(timedelta(hours=2))
    before, after = now() - timedelta(seconds=30), now() + timedelta(hours=1)
    send(gateway, [event("loyal", before), event("loyal", after), event("loyal", after) | {"timestamp": completed_at}])
    pipeline.drain()
    assert numbers(results(gateway, key), "green", "orders")["sum"] == 2


def test_what_was_counted_with_a_time_after_completion_leaves_the_sums(
    gateway: Gateway, pipeline: Pipeline, later: Callable[[timedelta], None]
) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    enter(gateway, key, {"hasty": "green"}, ENTRY)
    later(timedelta(minutes=1))  # another server's clock is ahead
    send(gateway, [event("hasty", pipeline.now())])
    pipeline.drain()
    later(-timedelta(minutes=1))
    assert numbers(results(gateway, key), "green", "orders")["sum"] == 1
    move(gateway, key, "completed")
    pipeline.maintain()
    assert numbers(results(gateway, key), "green", "orders")["sum"] == 0


def test_a_unit_assigned_after_completion_does_not_count(
    gateway: Gateway, pipeline: Pipeline, later: Callable[[timedelta], None]
) -> None:
    """A warm function knows for two seconds of an experiment that it is active still."""
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    path = f"{EXPERIMENTS}/{key}/assignments"
    first = gateway.put(f"{path}/first").body
    move(gateway, key, "completed")
    later(timedelta(milliseconds=100))
    late = gateway.put(f"{path}/late").body
    assert (first["new"], late["new"]) == (True, True)
    send(gateway, [event("late", now() + timedelta(milliseconds=100))])
    pipeline.drain()
    assert sum(units(results(gateway, key)).values()) == 1
    assert results(gateway, key)["summary"]["events"] == 0


def test_events_count_while_the_experiment_is_paused(gateway: Gateway, pipeline: Pipeline) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    enter(gateway, key, {"patient": "green"}, ENTRY)
    move(gateway, key, "paused")
    send(gateway, [event("patient", now())])
    pipeline.drain()
    assert numbers(results(gateway, key), "green", "orders")["sum"] == 1
