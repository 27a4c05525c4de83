"""Who goes on under another id counts once: under that id, from the first assignment on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, create_in
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, event, noon, numbers, results, send

pytestmark = pytest.mark.engine
ENTRY = noon(5)
HOUR = timedelta(hours=1)


def log_in(gateway: Gateway, key: str, unit_id: str, fallback: str) -> dict[str, Any]:
    path = f"{EXPERIMENTS}/{key}/assignments/{unit_id}"
    body: dict[str, Any] = gateway.put(path, {"fallback_unit_id": fallback}, token="local-client").body
    return body


def told(gateway: Gateway, key: str) -> tuple[int, int, float]:
    """Units, merged units, and orders of the green ones."""
    answer = results(gateway, key)
    return answer["summary"]["units"], answer["summary"]["merged_units"], numbers(answer, "green", "orders")["sum"]


def test_a_login_moves_the_unit_and_its_later_events(gateway: Gateway, pipeline: Pipeline) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    enter(gateway, key, {f"{key}-cookie": "green"}, ENTRY)
    send(gateway, [event(f"{key}-cookie", ENTRY + HOUR), event(f"{key}-user", ENTRY + 2 * HOUR)])
    pipeline.drain()
    assert told(gateway, key) == (1, 0, 1)
    assert log_in(gateway, key, f"{key}-user", f"{key}-cookie")["variant"] == "green"
    send(gateway, [event(f"{key}-user", ENTRY + 3 * HOUR), event(f"{key}-cookie", ENTRY + 4 * HOUR)])
    pipeline.drain()
    assert told(gateway, key) == (1, 1, 2)


def test_a_recount_says_the_same(gateway: Gateway, pipeline: Pipeline) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    enter(gateway, key, {f"{key}-cookie": "green", f"{key}-other": "green"}, ENTRY)
    log_in(gateway, key, f"{key}-user", f"{key}-cookie")
    send(gateway, [event(f"{key}-{who}", ENTRY + HOUR) for who in ("user", "cookie", "other")])
    pipeline.drain()
    before = told(gateway, key)
    gateway.patch(f"{EXPERIMENTS}/{key}", {"metrics": [ORDERS, ORDERS | {"key": "again", "role": "secondary"}]})
    pipeline.maintain()
    pipeline.drain()
    pipeline.maintain()
    assert (before, told(gateway, key)) == ((2, 1, 2), before)
    assert results(gateway, key)["summary"]["recount"] is None


def test_both_can_be_erased(gateway: Gateway, pipeline: Pipeline) -> None:
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    enter(gateway, key, {f"{key}-cookie": "green"}, ENTRY)
    log_in(gateway, key, f"{key}-user", f"{key}-cookie")
    pipeline.drain()
    for unit in (f"{key}-cookie", f"{key}-user"):
        gateway.delete(f"/v1/units/{unit}")
        pipeline.drain()
    assert told(gateway, key) == (0, 0, 0)
