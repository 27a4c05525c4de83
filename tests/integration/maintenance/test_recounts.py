"""Recounts: every unit is folded again, and results stay right meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from fairsplit.storage.recounts import Recounts
from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, create_in, move
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, REVENUE, comparison, enter, event, noon, numbers, results, send, units

pytestmark = pytest.mark.engine
UNITS = 16
A_FEW = 6  # units that a round has time for
Wait = Callable[[timedelta], None]


@pytest.fixture
def key(gateway: Gateway, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> str:
    """An experiment with 16 units, each with an order of 2; a recount takes them two by two."""
    monkeypatch.setattr("fairsplit.services.recounting.PAGE", 2)
    key = str(create_in(gateway, "active", metrics=[ORDERS])["key"])
    enter(gateway, key, {f"{key}-{number}": ["control", "green"][number % 2] for number in range(UNITS)}, noon(5))
    send(gateway, [event(f"{key}-{number}", noon(4), value=2) for number in range(UNITS)])
    pipeline.drain()
    return key


def change_metrics(gateway: Gateway, key: str, *metrics: dict[str, Any]) -> None:
    assert gateway.patch(f"{EXPERIMENTS}/{key}", {"metrics": list(metrics)}).status == 200


def is_right(body: Any) -> bool:
    """Whether all units and orders are counted."""
    orders = [numbers(body, variant, "orders")["sum"] for variant in ("control", "green")]
    return (units(body), orders) == ({"control": 8, "green": 8}, [8, 8])


def rounds(pipeline: Pipeline, recounts: Recounts, key: str) -> Iterator[int]:
    """Short rounds until the recount is through, with the streams behind each; how many there were."""
    for number in range(100):
        start = recounts.read(key)
        if not start.is_running:
            return
        walked = start.walked
        pipeline.maintain(milliseconds=lambda walked=walked: time_left(recounts.read(key).walked - walked))  # type: ignore[misc]
        yield number
        pipeline.drain()
    raise RuntimeError("the recount has no end")


def time_left(done: int) -> int:
    """The milliseconds that are left of a round that has counted so many units."""
    return 240_000 if done < A_FEW else 0


def test_a_new_metric_is_null_until_it_is_counted(gateway: Gateway, pipeline: Pipeline, key: str) -> None:
    change_metrics(gateway, key, ORDERS, REVENUE)
    body = results(gateway, key)
    revenue = numbers(body, "green", "revenue")
    assert [revenue.pop(name) for name in ("events", "sum", "mean", "variance", "ci")] == [None] * 5
    assert [note["code"] for note in revenue["notes"]] == ["recounting"]
    assert [note["code"] for note in comparison(body, "revenue", "green")["notes"]] == ["recounting"]
    pipeline.maintain()
    assert numbers(results(gateway, key), "green", "revenue")["sum"] == 16


@pytest.mark.parametrize("fields", [{"kind": "conversion"}, {"window_hours": 1}, {"event_type": "visit"}])
def test_a_metric_with_another_definition_is_null_until_it_is_counted(
    gateway: Gateway, pipeline: Pipeline, key: str, fields: dict[str, Any]
) -> None:
    change_metrics(gateway, key, ORDERS | fields)
    assert numbers(results(gateway, key), "green", "orders")["sum"] is None
    pipeline.maintain()
    assert numbers(results(gateway, key), "green", "orders")["sum"] == (8 if "kind" in fields else 0)


def test_the_numbers_of_the_old_metrics_stay_right_while_it_runs(
    gateway: Gateway, pipeline: Pipeline, recounts: Recounts, key: str
) -> None:
    change_metrics(gateway, key, ORDERS, REVENUE)
    seen = [is_right(results(gateway, key)) for _ in rounds(pipeline, recounts, key)]
    assert len(seen) > 2  # or nothing was sliced
    assert all(seen)
    assert is_right(results(gateway, key))


def test_its_progress_is_shown_and_goes_on_where_it_stopped(
    gateway: Gateway, pipeline: Pipeline, recounts: Recounts, key: str
) -> None:
    change_metrics(gateway, key, ORDERS, REVENUE)
    first = results(gateway, key)["summary"]["recount"]
    assert (first["state"], first["reason"], first["units_done"]) == ("queued", "metrics_changed", 0)
    shown = [results(gateway, key)["summary"]["recount"] for _ in rounds(pipeline, recounts, key)]
    done = [one["units_done"] for one in shown if one]
    assert done == sorted(done)
    assert 0 < done[0] < done[-1] <= UNITS
    assert results(gateway, key)["summary"]["recount"] is None


def test_events_that_come_while_it_runs_count_once(
    gateway: Gateway, pipeline: Pipeline, recounts: Recounts, key: str
) -> None:
    change_metrics(gateway, key, ORDERS, REVENUE)
    sent = 0
    for number in rounds(pipeline, recounts, key):
        send(gateway, [event(f"{key}-{one}", noon(3), value=3) for one in (number, UNITS - 1 - number)])
        sent += 2
    body = results(gateway, key)
    found = [sum(numbers(body, one, name)["sum"] for one in ("control", "green")) for name in ("orders", "revenue")]
    assert found == [UNITS + sent, 2 * UNITS + 3 * sent]


def test_units_that_come_while_it_runs_count_once(
    gateway: Gateway, pipeline: Pipeline, recounts: Recounts, key: str
) -> None:
    change_metrics(gateway, key, ORDERS, REVENUE)
    new = 0
    for _ in rounds(pipeline, recounts, key):
        new += 1
        enter(gateway, key, {f"{key}-new-{new}": "green"}, noon(2))
        send(gateway, [event(f"{key}-new-{new}", noon(1))])
    body = results(gateway, key)
    assert (units(body)["green"], numbers(body, "green", "orders")["sum"]) == (8 + new, 8 + new)


def test_a_second_change_begins_it_anew(gateway: Gateway, pipeline: Pipeline, recounts: Recounts, key: str) -> None:
    change_metrics(gateway, key, ORDERS, REVENUE)
    next(iter(rounds(pipeline, recounts, key)))
    change_metrics(gateway, key, ORDERS, REVENUE | {"cap": 1})
    assert is_right(results(gateway, key))
    assert numbers(results(gateway, key), "green", "revenue")["sum"] is None
    pipeline.drain()
    pipeline.maintain()
    body = results(gateway, key)
    assert (is_right(body), numbers(body, "green", "revenue")["sum"]) == (True, 8)


def test_one_on_request_changes_nothing_that_is_right(
    gateway: Gateway, pipeline: Pipeline, recounts: Recounts, key: str
) -> None:
    assert gateway.post(f"{EXPERIMENTS}/{key}/recount").status == 202
    assert results(gateway, key)["summary"]["recount"]["reason"] == "requested"
    pipeline.maintain()
    assert is_right(results(gateway, key))
    assert (recounts.read(key).state, recounts.read(key).drifted) == ("done", False)


def test_one_after_completion_changes_nothing_that_is_right(
    gateway: Gateway, pipeline: Pipeline, recounts: Recounts, key: str
) -> None:
    move(gateway, key, "completed")
    assert is_right(results(gateway, key))
    pipeline.maintain()
    assert is_right(results(gateway, key))
    assert (recounts.read(key).reason, recounts.read(key).drifted) == ("completed", False)


def test_it_is_not_through_before_the_streams_are(
    gateway: Gateway, pipeline: Pipeline, recounts: Recounts, key: str, later: Wait
) -> None:
    """Rollup stands still for an hour: results go on with what the old epoch's rows hold."""
    gateway.post(f"{EXPERIMENTS}/{key}/recount")
    for _ in range(6):
        pipeline.maintain(pause=lambda: None)
        assert is_right(results(gateway, key))
        later(timedelta(minutes=10))
    pipeline.drain()
    pipeline.maintain()
    assert (is_right(results(gateway, key)), recounts.read(key).state) == (True, "done")
