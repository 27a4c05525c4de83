"""Maintenance starts and completes experiments by their schedule, and completes what ran for too long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from fairsplit.domain.timestamps import to_text
from fairsplit.storage.recounts import Recounts
from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, body, create, create_in, move
from tests.pipeline import Pipeline
from tests.traffic import ORDERS

pytestmark = pytest.mark.engine
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LONGEST = 480 - 90 - 14 - 10  # days
Wait = Callable[[timedelta], None]


def read(gateway: Gateway, key: str) -> Any:
    return gateway.get(f"{EXPERIMENTS}/{key}").body


def last_entry(gateway: Gateway, key: str) -> Any:
    """The newest entry of the audit trail."""
    return gateway.get(f"{EXPERIMENTS}/{key}/history").body["items"][0]


Due = Callable[..., dict[str, Any]]


@pytest.fixture
def due_in(pipeline: Pipeline) -> Due:
    """A schedule that begins and ends so long from now."""

    def due(**lengths: timedelta) -> dict[str, Any]:
        return {f"{name}_at": to_text(pipeline.now() + length) for name, length in lengths.items()}

    return due


def test_an_experiment_starts_at_its_time_and_no_sooner(
    gateway: Gateway, pipeline: Pipeline, later: Wait, due_in: Due
) -> None:
    key = create(gateway, metrics=[ORDERS], schedule=due_in(start=HOUR))["key"]
    pipeline.maintain()
    assert read(gateway, key)["status"] == "draft"
    later(HOUR)
    pipeline.maintain()
    started = read(gateway, key)
    assert (started["status"], started["started_at"]) == ("active", started["updated_at"])


@pytest.mark.parametrize("status", ["active", "paused"])
def test_an_experiment_completes_at_its_time_and_no_sooner(
    gateway: Gateway, pipeline: Pipeline, later: Wait, status: str, due_in: Due
) -> None:
    key = create_in(gateway, status, metrics=[ORDERS], schedule=due_in(end=HOUR))["key"]
    pipeline.maintain()
    assert read(gateway, key)["status"] == status
    later(HOUR)
    pipeline.maintain()
    assert read(gateway, key)["status"] == "completed"


def test_the_audit_trail_names_maintenance_and_its_reason(
    gateway: Gateway, pipeline: Pipeline, later: Wait, due_in: Due
) -> None:
    key = create(gateway, metrics=[ORDERS], schedule=due_in(start=HOUR, end=2 * HOUR))["key"]
    later(HOUR)
    pipeline.maintain()
    entry = last_entry(gateway, key)
    assert entry["actor"] == {"id": "maintenance", "name": "the scheduled maintenance"}
    assert (entry["action"], entry["reason"]) == ("transition", "schedule.start_at has come")
    later(HOUR)
    pipeline.maintain()
    reasons = [one["reason"] for one in gateway.get(f"{EXPERIMENTS}/{key}/history").body["items"]]
    assert reasons[0] == "schedule.end_at has come"


def test_completion_gives_the_range_of_its_namespace_back(
    gateway: Gateway, pipeline: Pipeline, later: Wait, due_in: Due
) -> None:
    inside = {"namespace": {"key": "given-back", "from": 0, "to": 50}}
    create_in(gateway, "active", schedule=due_in(end=HOUR), **inside)
    assert gateway.post(EXPERIMENTS, body(**inside)).code == "namespace_overlap"
    later(HOUR)
    pipeline.maintain()
    assert gateway.post(EXPERIMENTS, body(**inside)).status == 201


def test_completion_queues_one_recount(
    gateway: Gateway, pipeline: Pipeline, later: Wait, recounts: Recounts, due_in: Due
) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS], schedule=due_in(end=HOUR))["key"]
    later(HOUR)
    pipeline.maintain()
    pipeline.maintain()
    recount = recounts.read(key)
    assert (recount.epoch, recount.reason, recount.state) == (2, "completed", "done")
    actions = [one["action"] for one in gateway.get(f"{EXPERIMENTS}/{key}/history").body["items"]]
    assert actions == ["transition", "transition", "create"]


def test_a_draft_whose_time_is_over_starts_and_completes_in_two_rounds(
    gateway: Gateway, pipeline: Pipeline, later: Wait, due_in: Due
) -> None:
    key = create(gateway, metrics=[ORDERS], schedule=due_in(start=HOUR, end=2 * HOUR))["key"]
    later(3 * HOUR)
    pipeline.maintain()
    pipeline.maintain()
    assert read(gateway, key)["status"] == "completed"


def test_the_longest_run_completes_by_itself(gateway: Gateway, pipeline: Pipeline, later: Wait) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    later(LONGEST * DAY - HOUR)
    pipeline.maintain()
    assert read(gateway, key)["status"] == "active"
    later(HOUR)
    pipeline.maintain()
    assert read(gateway, key)["status"] == "completed"
    assert last_entry(gateway, key)["reason"] == "the longest run that the retention of events allows is over"


def test_what_is_completed_already_stays_as_it_is(
    gateway: Gateway, pipeline: Pipeline, later: Wait, due_in: Due
) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS], schedule=due_in(end=HOUR))["key"]
    before = move(gateway, key, "completed", winner="green").body
    later(HOUR)
    pipeline.maintain()
    assert read(gateway, key) == before


def test_a_transition_that_cannot_be_made_holds_up_nothing_else(
    gateway: Gateway, pipeline: Pipeline, later: Wait, monkeypatch: pytest.MonkeyPatch, due_in: Due
) -> None:
    keys = [create_in(gateway, "active", metrics=[ORDERS], schedule=due_in(end=HOUR))["key"] for _ in range(3)]
    seen = pipeline.handlers["MaintenanceFunction"].__globals__
    real = seen["Experimenting"].move

    def unlucky(self: Any, key: str, *arguments: Any) -> Any:
        return 1 / 0 if key == keys[1] else real(self, key, *arguments)

    monkeypatch.setattr(seen["Experimenting"], "move", unlucky)
    later(HOUR)
    with pytest.raises(seen["MaintenanceError"], match=f"schedule of {keys[1]}"):
        pipeline.maintain()
    assert [read(gateway, key)["status"] for key in keys] == ["completed", "active", "completed"]
