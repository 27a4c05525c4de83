"""A holdout over HTTP: made, asked for like any experiment, and judged against everybody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import CLIENT, Asking
from tests.integration.experiments.making import EXPERIMENTS, create_in, fresh_key, move
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, comparison, results, send

pytestmark = pytest.mark.engine
UNITS = [f"u-{number}" for number in range(300)]


@pytest.fixture
def holdout(gateway: Gateway) -> dict[str, Any]:
    """An active one that keeps 30 of 100 out, without a word on variants."""
    key = fresh_key()
    namespace = {"key": f"n-{key}", "from": 0, "to": 30}
    body = {"key": key, "name": "Nothing new", "kind": "holdout", "namespace": namespace, "metrics": [ORDERS]}
    assert gateway.post(EXPERIMENTS, body).status == 201
    made: dict[str, Any] = move(gateway, key, "active").body
    return made


def test_a_holdout_shows_its_kind_and_the_weights_of_its_range(gateway: Gateway, holdout: dict[str, Any]) -> None:
    assert holdout["kind"] == "holdout"
    assert [(one["key"], one["weight"]) for one in holdout["variants"]] == [("holdout", 30), ("exposed", 70)]
    assert "kind" not in create_in(gateway, "draft")
    patched = gateway.patch(f"{EXPERIMENTS}/{holdout['key']}", {"kind": "experiment"})
    assert (patched.status, patched.code) == (409, "frozen_field")


def test_who_is_held_out_gets_nothing_else_of_the_namespace_and_is_compared_with_all_others(
    gateway: Gateway, asking: Asking, pipeline: Pipeline, holdout: dict[str, Any]
) -> None:
    rest = holdout["namespace"] | {"from": 50, "to": 100}
    other = create_in(gateway, "active", namespace=rest)["key"]
    body = {"experiments": [holdout["key"], other]}
    groups: dict[str, set[str]] = {"holdout": set(), "exposed": set()}
    for unit in UNITS:
        both = gateway.post("/v1/decisions", body | {"unit_id": unit}, token=CLIENT).body["decisions"]
        groups[both[0]["variant"]].add(unit)
        if both[0]["variant"] == "holdout":
            assert both[1]["reason"] == "not_in_namespace"
    send(gateway, [{"unit_id": unit, "type": "purchase"} for unit in [*groups["exposed"], *groups["exposed"]]])
    pipeline.drain()
    answer = results(gateway, holdout["key"])
    assert {one["key"]: one["units"] for one in answer["variants"]} == {key: len(of) for key, of in groups.items()}
    assert (answer["summary"]["srm"]["flagged"], answer["comparisons"][0]["control"]) == (False, "holdout")
    assert answer["summary"]["srm"]["expected"] == {"holdout": 90, "exposed": 210}
    assert comparison(answer, "orders", "exposed")["absolute"]["estimate"] == 2


def test_the_weights_of_a_draft_follow_its_range(gateway: Gateway) -> None:
    key = fresh_key()
    namespace = {"key": f"n-{key}", "from": 0, "to": 30}
    gateway.post(EXPERIMENTS, {**holdout_like(key), "namespace": namespace})
    path = f"{EXPERIMENTS}/{key}"
    moved = gateway.patch(
        path, {"namespace": {"to": 12.5}, "variants": [{"key": "out"}, {"key": "in"}], "control": "out"}
    )
    assert [(one["key"], one["weight"]) for one in moved.body["variants"]] == [("out", 12.5), ("in", 87.5)]
    assert gateway.patch(path, {"namespace": None}).code == "namespace_required"
    plain = gateway.patch(path, {"kind": None, "namespace": None}).body
    assert ("kind" not in plain, plain["namespace"]) == (True, None)


def test_its_range_is_taken_like_any_other(gateway: Gateway, holdout: dict[str, Any]) -> None:
    overlap = holdout["namespace"] | {"from": 29, "to": 31}
    answer = gateway.post(EXPERIMENTS, {**holdout_like(fresh_key()), "namespace": overlap})
    assert (answer.status, answer.code) == (409, "namespace_overlap")


def test_imports_and_logins_go_by_the_place_in_the_namespace(asking: Asking, holdout: dict[str, Any]) -> None:
    key = holdout["key"]
    assert asking.import_items(key, [{"unit_id": unit} for unit in UNITS]).body["created"] == len(UNITS)
    inside = next(unit for unit in UNITS if asking.read(key, unit).body["variant"] == "holdout")
    asking.assign(key, "plain-user")
    for user in ("user-1", "user-2", "user-3", "user-4"):
        answer = asking.assign(key, user, {"fallback_unit_id": inside}).body
        assert (answer["variant"] == "holdout") is (answer["bucket"] < 3_000)
        assert "from" not in answer


def holdout_like(key: str) -> dict[str, Any]:
    return {"key": key, "name": "Nothing new", "kind": "holdout"}
