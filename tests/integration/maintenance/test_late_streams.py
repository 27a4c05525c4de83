"""After streams were behind so long that they may have lost records, everything is counted anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from fairsplit.domain.aggregate import ALL_EXPERIMENTS
from fairsplit.domain.timestamps import from_text
from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.recounts import Recounts
from tests.gateway import Gateway
from tests.integration.experiments.making import create_in
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, event, noon, numbers, results, send

pytestmark = pytest.mark.engine
Wait = Callable[[timedelta], None]


def late_by(pipeline: Pipeline, later: Wait, lag: timedelta) -> None:
    """A round's heartbeat that comes through so much later."""
    pipeline.maintain(pause=lambda: None)
    later(lag)
    pipeline.drain()


@pytest.mark.parametrize(("hours", "is_marked"), [(0, False), (19.9, False), (20.1, True)])
def test_more_than_20_hours_of_lag_are_noted(
    pipeline: Pipeline, aggregates: Aggregates, later: Wait, hours: float, is_marked: bool
) -> None:
    late_by(pipeline, later, timedelta(hours=hours))
    assert (aggregates.mark(ALL_EXPERIMENTS) is not None) is is_marked


def test_every_experiment_is_counted_anew(
    gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates, recounts: Recounts, later: Wait
) -> None:
    keys = [create_in(gateway, status, metrics=[ORDERS])["key"] for status in ("active", "paused")]
    late_by(pipeline, later, timedelta(hours=21))
    pipeline.maintain()
    assert [(recounts.read(key).reason, recounts.read(key).state) for key in keys] == [("lag", "done")] * 2
    assert aggregates.mark(ALL_EXPERIMENTS) is None


def test_records_that_a_stream_has_lost_are_counted_after_all(
    gateway: Gateway, pipeline: Pipeline, later: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stream drops its oldest records before anybody reads them."""
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    enter(gateway, key, {f"{key}-{number}": "green" for number in range(3)}, noon(3))
    pipeline.drain()
    with monkeypatch.context() as patch:
        patch.setitem(pipeline.handlers, "AttributionFunction", lambda _event, _context: {"batchItemFailures": []})
        send(gateway, [event(f"{key}-{number}", noon(2)) for number in range(3)])
        pipeline.drain()
    late_by(pipeline, later, timedelta(hours=21))
    assert numbers(results(gateway, key), "green", "orders")["sum"] == 0
    pipeline.maintain()
    assert numbers(results(gateway, key), "green", "orders")["sum"] == 3


def test_lag_is_shown_in_the_results(gateway: Gateway, pipeline: Pipeline, later: Wait) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    late_by(pipeline, later, timedelta(minutes=7))
    assert results(gateway, key)["summary"]["lag_seconds"] == pytest.approx(7 * 60, abs=30)
    later(timedelta(minutes=60))
    assert results(gateway, key)["summary"]["lag_seconds"] == pytest.approx(62 * 60, abs=30)  # the next is overdue
    late_by(pipeline, later, timedelta())
    assert results(gateway, key)["summary"]["lag_seconds"] == pytest.approx(0, abs=30)


def test_results_are_as_of_the_last_heartbeat_that_came_through(
    gateway: Gateway, pipeline: Pipeline, later: Wait
) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    sent = pipeline.now()
    late_by(pipeline, later, timedelta(minutes=3))
    later(timedelta(minutes=30))
    as_of = from_text(results(gateway, key)["as_of"])
    assert sent <= as_of <= sent + timedelta(seconds=60)
