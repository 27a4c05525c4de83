"""Once a day, maintenance keeps the sums as they stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from fairsplit.domain.moments import Moments, total
from fairsplit.domain.timestamps import day_of
from fairsplit.storage.aggregates import Aggregates
from tests.gateway import Gateway
from tests.integration.experiments.making import create_in
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, event, noon, send

pytestmark = pytest.mark.engine
DAY = timedelta(days=1)
Wait = Callable[[timedelta], None]


def arrive(gateway: Gateway, pipeline: Pipeline, key: str, number: int) -> None:
    """One more unit, with an event."""
    enter(gateway, key, {f"{key}-{number}": "green"}, noon(3))
    send(gateway, [event(f"{key}-{number}", noon(2))])
    pipeline.drain()


def snapshot(aggregates: Aggregates, pipeline: Pipeline, key: str) -> Moments | None:
    """Today's."""
    value = aggregates.snapshot(key, day_of(pipeline.now()))
    return Moments.from_json(value["moments"]) if value else None


def sums(aggregates: Aggregates, key: str) -> Moments:
    return total(row.moments for row in aggregates.rows(key, 1).values())


def test_it_holds_the_sums_at_the_days_first_round(
    gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates
) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    arrive(gateway, pipeline, key, 1)
    first = sums(aggregates, key)
    pipeline.maintain()
    arrive(gateway, pipeline, key, 2)
    pipeline.maintain()
    assert first != sums(aggregates, key)
    assert snapshot(aggregates, pipeline, key) == first


def test_the_next_day_has_its_own(gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates, later: Wait) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    arrive(gateway, pipeline, key, 1)
    pipeline.maintain()
    first = snapshot(aggregates, pipeline, key)
    later(DAY)
    assert snapshot(aggregates, pipeline, key) is None
    arrive(gateway, pipeline, key, 2)
    pipeline.maintain()
    assert snapshot(aggregates, pipeline, key) == sums(aggregates, key) != first


def test_a_draft_has_none(gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates) -> None:
    key = create_in(gateway, "draft", metrics=[ORDERS])["key"]
    pipeline.maintain()
    assert snapshot(aggregates, pipeline, key) is None


def test_it_waits_until_a_running_recount_is_through(
    gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates
) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    arrive(gateway, pipeline, key, 1)
    gateway.post(f"/v1/experiments/{key}/recount")
    pipeline.maintain(pause=lambda: None)  # the streams stand still
    assert snapshot(aggregates, pipeline, key) is None
    pipeline.drain()
    pipeline.maintain()
    assert snapshot(aggregates, pipeline, key) == sums(aggregates, key)
