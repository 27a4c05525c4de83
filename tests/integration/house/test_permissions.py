"""Policies beside what functions do: what the local engine lets through, AWS must let through too, and no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fairsplit.storage.aggregates import Aggregates
from tests.gateway import CONTEXT, Gateway
from tests.integration.evidently.asking import Evidently, load_time, requests_of
from tests.integration.experiments.making import EXPERIMENTS, create, create_in
from tests.permissions import Uses, granted, granted_reach
from tests.pipeline import HANDLERS, HTTP, Pipeline
from tests.traffic import ORDERS, enter, event, noon, results, send

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
Wait = Callable[[timedelta], None]
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


@pytest.fixture(scope="module")
def uses(gateway: Gateway, pipeline: Pipeline, client: DynamoDBClient, tables: dict[str, str]) -> Uses:
    """What all functions do in a life of everything that they are for."""
    uses = Uses(tables)
    for folder in set(HTTP) - {"site"}:
        uses.watch(folder, gateway.globals_of(folder)["client"])
    for logical_id, folder in HANDLERS.items():
        uses.watch(folder, pipeline.handlers[logical_id].__globals__["client"])
    administer(gateway)
    key = run(gateway, pipeline)
    erase_and_remove(gateway, pipeline, key)
    mend(gateway, pipeline, Aggregates(client, tables["AggregatesTable"]), key)
    return uses


def administer(gateway: Gateway) -> None:
    """Tokens and event types come, are listed and go."""
    token = gateway.post("/v1/tokens", {"name": "t", "role": "client"}).body["id"]
    gateway.put("/v1/event-types/visit", {"schema": {}})
    for path in ("/v1/tokens", "/v1/event-types", "/v1/event-types/visit"):
        assert gateway.get(path).status == 200
    assert gateway.delete(f"/v1/tokens/{token}").status == 204
    assert gateway.delete("/v1/event-types/visit").status == 204


def run(gateway: Gateway, pipeline: Pipeline) -> str:
    """An experiment takes units and events in, and is read in every way."""
    key = str(create_in(gateway, "active", metrics=[ORDERS])["key"])
    enter(gateway, key, {f"u-{number}": "green" for number in range(3)}, noon(3))
    gateway.put(f"{EXPERIMENTS}/{key}/assignments/u-9")
    gateway.put(f"{EXPERIMENTS}/{key}/assignments/user-9", {"fallback_unit_id": "u-9"})
    assert decide(gateway, "u-10") == [True]
    with pytest.MonkeyPatch.context() as patch:  # somebody else is faster
        handler = gateway.globals_of("assignments")
        handler["assigning"].known.items.clear()
        patch.setattr(type(handler["assignments"]), "of_unit", lambda *_: [])
        assert decide(gateway, "u-10") == [False]
    ask_for_flags(gateway, key)
    ask_as_evidently(gateway, key)
    send(gateway, [event(f"u-{number}", noon(2)) for number in range(3)])
    met = {"type": "$exposure", "unit_id": "met-1", "properties": {"experiment": key, "variant": "green"}}
    send(gateway, [met])
    pipeline.drain()
    experiment = f"{EXPERIMENTS}/{key}"
    for path in (EXPERIMENTS, f"{experiment}/assignments", "/v1/units/u-1/assignments", f"{experiment}/history"):
        assert gateway.get(path).body["items"]
    assert results(gateway, key, first=f"{noon(9):%Y-%m-%d}")["source"] == "units"
    assert results(gateway, key)["summary"]["events"] == 3
    for what in ("assignments", "events", "results"):
        assert gateway.get(f"{experiment}/export", query={"what": what}).status == 200
    return key


def ask_for_flags(gateway: Gateway, key: str) -> None:
    """All flags, one flag, and the features of an SDK."""
    for path in ("/ofrep/v1/evaluate/flags", f"/ofrep/v1/evaluate/flags/{key}"):
        assert gateway.post(path, {"context": {"targetingKey": "u-11"}}).status == 200
    token = gateway.post("/v1/tokens", {"name": "t", "role": "client", "kind": "sdk"}).body["token"]
    assert gateway.get(f"/api/features/{token}").body["features"]


def ask_as_evidently(gateway: Gateway, key: str) -> None:
    """One evaluation, a batch, one that somebody else was faster with, and an event."""
    evidently, handler = Evidently(gateway), gateway.globals_of("evidently")
    assert evidently.batch(requests_of("u-13", [key])).status == 200
    assert evidently.evaluate(key, "u-12").status == 200
    with pytest.MonkeyPatch.context() as patch:
        handler["assigning"].known.items.clear()
        patch.setattr(type(handler["assigning"].assignments), "of_unit", lambda *_: [])
        assert evidently.batch(requests_of("u-13", [key])).status == 200
    assert evidently.put([load_time(800, "u-12")]).body["failedEventCount"] == 0


def decide(gateway: Gateway, unit_id: str) -> list[bool]:
    """Which of the unit's decisions over all experiments are new."""
    return [one["new"] for one in gateway.post("/v1/decisions", {"unit_id": unit_id}).body["decisions"]]


def erase_and_remove(gateway: Gateway, pipeline: Pipeline, key: str) -> None:
    """Units and a draft with units go: some within the call, some by maintenance."""
    draft = create(gateway)["key"]
    enter(gateway, draft, {"u-7": "green"}, noon(3))
    handler = gateway.globals_of("assignments")
    found = handler["experiment_of"](handler["experiments"], draft)
    assert gateway.delete(f"{EXPERIMENTS}/{draft}").status == 204
    with pytest.MonkeyPatch.context() as patch:  # an import that began before the draft was deleted
        patch.setitem(handler, "experiment_of", lambda *_: found)
        assert gateway.post(f"{EXPERIMENTS}/{draft}/assignments", {"items": [{"unit_id": "u-8"}]}).status == 404
    assert gateway.delete("/v1/units/u-1").status == 204
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CONTEXT, "get_remaining_time_in_millis", lambda: 0)
        assert gateway.delete("/v1/units/u-2").status == 202
    pipeline.maintain()
    assert gateway.get("/v1/units/u-2/assignments").body["items"] == []


def mend(gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates, key: str) -> None:
    """Sums are moved, marked, counted anew twice, and those of old epochs forgotten."""
    assert gateway.post(f"{EXPERIMENTS}/{key}/recount").status == 202
    aggregates.mark_for_recount(key, "unreadable_record", pipeline.now())
    for length in (HOUR, WEEK):
        pipeline.drain()
        pipeline.shift += length
        pipeline.maintain()
    assert gateway.get(f"{EXPERIMENTS}/{key}/history").body["items"][0]["action"] == "recount"


def test_a_function_may_do_what_it_does(uses: Uses) -> None:
    assert uses.seen - granted() == set()


def test_a_function_may_do_nothing_that_it_never_does(uses: Uses) -> None:
    assert granted() - uses.seen == set()


def test_the_catalogs_partitions_are_open_to_who_needs_them(uses: Uses) -> None:
    bound = {function for function, _ in granted_reach()}
    assert {one for one in uses.reach if one[0] in bound} == granted_reach()
