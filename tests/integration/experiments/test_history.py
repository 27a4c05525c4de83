"""GET …/history: who, when, what changed, old and new."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, ORDERS, PURCHASED, VARIANTS, create, move

pytestmark = pytest.mark.engine


def history(gateway: Gateway, key: str, **query: Any) -> Any:
    answer = gateway.get(f"{EXPERIMENTS}/{key}/history", query=query, token="local-analyst")
    assert answer.status == 200
    return answer.body


def test_each_change_tells_who_when_what_and_why(gateway: Gateway) -> None:
    created = create(gateway)
    key = created["key"]
    patched = gateway.patch(f"{EXPERIMENTS}/{key}", {"name": "Another"}).body
    moved = move(gateway, key, "active", reason="ready").body
    third, second, first = history(gateway, key)["items"]
    actor = {"id": "local-admin", "name": "the local admin"}
    assert second == {
        "at": patched["updated_at"],
        "actor": actor,
        "action": "update",
        "version": 2,
        "reason": None,
        "changes": [{"field": "name", "old": created["name"], "new": "Another"}],
    }
    assert (third["action"], third["reason"], third["version"]) == ("transition", "ready", 3)
    assert third["changes"] == [
        {"field": "status", "old": "draft", "new": "active"},
        {"field": "started_at", "old": None, "new": moved["started_at"]},
    ]
    assert (first["action"], first["at"]) == ("create", created["created_at"])
    assert {"field": "name", "old": None, "new": created["name"]} in first["changes"]


def test_lists_and_objects_are_shown_whole_old_and_new(gateway: Gateway) -> None:
    before = create(gateway, metrics=[PURCHASED])
    after = gateway.patch(f"{EXPERIMENTS}/{before['key']}", {"metrics": [PURCHASED, ORDERS]}).body
    (change,) = history(gateway, before["key"])["items"][0]["changes"]
    assert change == {"field": "metrics", "old": before["metrics"], "new": after["metrics"]}


def test_it_comes_in_pages(gateway: Gateway) -> None:
    key = create(gateway)["key"]
    for index in range(6):
        gateway.patch(f"{EXPERIMENTS}/{key}", {"name": f"name {index}"})
    versions, cursor = [], None
    for _ in range(4):
        page = history(gateway, key, limit=2, **({"cursor": cursor} if cursor else {}))
        versions += [entry["version"] for entry in page["items"]]
        cursor = page["next_cursor"]
    assert (versions, cursor) == ([7, 6, 5, 4, 3, 2, 1], None)


def test_the_largest_change_is_kept_whole(gateway: Gateway) -> None:
    """What can hardly be compressed: an entry holds it twice, and has to fit into one item."""
    letters = [chr(code) for code in range(33, 127) if chr(code) not in '"\\']
    old, new = ("".join(Random(seed).choices(letters, k=180_000)) for seed in (1, 2))
    key = create(gateway, variants=[VARIANTS[0] | {"value": old}, VARIANTS[1]])["key"]
    assert (
        gateway.patch(f"{EXPERIMENTS}/{key}", {"variants": [VARIANTS[0] | {"value": new}, VARIANTS[1]]}).status == 200
    )
    (change,) = history(gateway, key, limit=1)["items"][0]["changes"]
    assert (change["old"][0]["value"], change["new"][0]["value"]) == (old, new)


@pytest.mark.parametrize("key", ["missing", "x" * 3_000, "UPPER"])
def test_an_unknown_experiment_has_none(gateway: Gateway, key: str) -> None:
    answer = gateway.get(f"{EXPERIMENTS}/{key}/history")
    assert (answer.status, answer.code) == (404, "experiment_not_found")


@pytest.mark.parametrize(("name", "value"), [("limit", "0"), ("cursor", "x")])
def test_a_bad_query_parameter_is_named(gateway: Gateway, name: str, value: str) -> None:
    answer = gateway.get(f"{EXPERIMENTS}/{create(gateway)['key']}/history", query={name: value})
    assert (answer.status, answer.faults) == (422, [(["query", name], f"{name}_invalid")])
