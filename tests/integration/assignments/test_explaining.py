"""Decisions with `explain`: each step that was looked at, up to the one that settled it."""

from __future__ import annotations

from typing import Any

import pytest

from fairsplit.domain.hashing import bucket_of, position_of
from tests.gateway import Gateway
from tests.integration.assignments.asking import CLIENT, Asking
from tests.integration.experiments.making import create_in, move

pytestmark = pytest.mark.engine
FIRST = ["override", "winner", "stored", "fallback", "status"]


def trace(gateway: Gateway, key: str, unit_id: str = "u-1", **attributes: Any) -> list[dict[str, Any]]:
    body = {"unit_id": unit_id, "attributes": attributes, "experiments": [key], "explain": True}
    steps: list[dict[str, Any]] = gateway.post("/v1/decisions", body, token=CLIENT).body["decisions"][0]["trace"]
    assert [step["outcome"] for step in steps[:-1]] == ["go_on"] * (len(steps) - 1)
    return steps


def names(steps: list[dict[str, Any]]) -> list[str]:
    return [step["step"] for step in steps]


def test_a_new_unit_goes_through_all_steps_to_the_hash(gateway: Gateway) -> None:
    namespace = {"key": "checkout", "from": 0, "to": 100}
    key = create_in(gateway, "active", seed="s", coverage=50, namespace=namespace)["key"]
    steps = trace(gateway, key)
    bucket = bucket_of("s", "u-1")
    assert names(steps) == [*FIRST, "targeting", "namespace", "hash"]
    assert steps[-2] == {
        "step": "namespace", "outcome": "go_on", "namespace": "checkout",
        "hash": position_of("__checkout", "u-1"), "from": 0, "to": 1,
    }  # fmt: skip
    assert steps[-1] == {
        "step": "hash", "outcome": "assigned" if bucket % 5_000 < 2_500 else "not_covered",
        "hash": bucket / 10_000, "bucket": bucket,
        "ranges": [{"variant": "control", "from": 0, "to": 0.25}, {"variant": "green", "from": 0.5, "to": 0.75}],
    }  # fmt: skip


def test_what_is_not_met_is_named_but_no_value_is_told(gateway: Gateway) -> None:
    key = create_in(gateway, "active", targeting={"plan": "pro", "country": {"$in": ["DE", "FR"]}})["key"]
    steps = trace(gateway, key, plan="pro", country="secret-land")
    assert names(steps) == [*FIRST, "targeting"]
    assert steps[-1] == {"step": "targeting", "outcome": "not_targeted", "unmet": "country"}


def test_each_earlier_step_can_settle_it(gateway: Gateway, asking: Asking) -> None:
    key = create_in(gateway, "active", overrides={"qa": "green"})["key"]
    asking.assign(key, "u-1")
    assert (names(trace(gateway, key, "qa")), names(trace(gateway, key))) == (FIRST[:1], FIRST[:3])
    move(gateway, key, "paused")
    asking.start_anew()
    assert trace(gateway, key, "u-2")[-1] == {"step": "status", "outcome": "not_active", "status": "paused"}
    move(gateway, key, "completed", winner="green")
    asking.start_anew()
    assert (names(trace(gateway, key, "u-2")), names(trace(gateway, key))) == (FIRST[:2], FIRST[:2])


def test_of_an_experiment_that_there_is_not_there_is_nothing_to_tell(gateway: Gateway) -> None:
    assert trace(gateway, "no-such-one") == []
