"""Namespaces: ranges of experiments that may run at once never overlap, whoever is faster."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fairsplit.domain.audit import Actor
from fairsplit.domain.errors import ConflictError
from fairsplit.domain.timestamps import now
from fairsplit.services.experimenting import Experimenting
from tests.counting import counted
from tests.gateway import Answer, Gateway
from tests.integration.experiments.making import EXPERIMENTS, Catalog, body, create, create_in, fresh_key, move

pytestmark = pytest.mark.engine


def part(namespace: str, start: float, end: float) -> dict[str, Any]:
    return {"namespace": {"key": namespace, "from": start, "to": end}}


def ask(gateway: Gateway, namespace: str, start: float, end: float) -> Answer:
    return gateway.post(EXPERIMENTS, body(**part(namespace, start, end)))


@pytest.fixture
def namespace() -> str:
    return fresh_key()


@pytest.mark.parametrize("status", ["draft", "active", "paused"])
def test_an_overlap_is_refused_and_names_the_other(gateway: Gateway, namespace: str, status: str) -> None:
    key = create_in(gateway, status, **part(namespace, 0, 50))["key"]
    answer = ask(gateway, namespace, 49.9, 60)
    assert (answer.status, answer.faults) == (409, [(["namespace"], "namespace_overlap")])
    assert key in answer.body["detail"]
    assert "50 to 100" in answer.body["detail"]
    assert ask(gateway, namespace, 50, 60).status == 201
    assert ask(gateway, f"{namespace}-2", 0, 50).status == 201


@pytest.mark.parametrize("status", ["completed", "archived"])
def test_what_is_over_gives_its_range_back(gateway: Gateway, namespace: str, status: str) -> None:
    create_in(gateway, status, **part(namespace, 0, 50))
    assert ask(gateway, namespace, 0, 100).status == 201


def test_a_deleted_draft_gives_its_range_back(gateway: Gateway, namespace: str) -> None:
    key = create(gateway, **part(namespace, 0, 50))["key"]
    assert gateway.delete(f"{EXPERIMENTS}/{key}").status == 204
    assert ask(gateway, namespace, 0, 100).status == 201


def test_a_draft_may_move_where_it_is_free(gateway: Gateway, namespace: str) -> None:
    one, other = (create(gateway, **part(namespace, *span))["key"] for span in ((0, 50), (50, 100)))
    path = f"{EXPERIMENTS}/{one}"
    assert gateway.patch(path, part(namespace, 25, 75)).code == "namespace_overlap"
    assert gateway.get(path).body["namespace"] == {"key": namespace, "from": 0, "to": 50}
    assert gateway.patch(path, part(namespace, 10, 40)).status == 200
    assert gateway.patch(f"{EXPERIMENTS}/{other}", {"namespace": {"from": 40}}).status == 200
    assert gateway.patch(path, part(f"{namespace}-2", 0, 50)).status == 200
    assert gateway.patch(path, {"namespace": None}).status == 200
    assert ask(gateway, namespace, 0, 40).status == 201
    assert ask(gateway, f"{namespace}-2", 0, 100).status == 201


def test_a_taken_key_is_a_taken_key(gateway: Gateway, namespace: str) -> None:
    key = create(gateway, **part(namespace, 0, 50))["key"]
    assert gateway.post(EXPERIMENTS, body(key=key, **part(namespace, 0, 50))).code == "key_taken"
    assert gateway.post(EXPERIMENTS, body(key=key, **part(namespace, 50, 60))).code == "key_taken"
    assert ask(gateway, namespace, 50, 100).status == 201


def test_of_many_at_once_one_gets_the_range(gateway: Gateway, namespace: str, catalog: Catalog) -> None:
    module = gateway.globals_of("experiments")
    desk = Experimenting(module["store"], module["recounts"], Actor("a", "a"), now(), 480)

    def claim(number: int) -> str:
        try:
            return desk.create(body(key=f"{namespace}-{number}", **part(namespace, number % 4, 10)), "s").key
        except ConflictError as error:
            return error.code

    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(claim, range(24)))
    assert sorted(set(outcomes) - {"namespace_overlap", "experiment_contended", "key_taken"}) != []
    made = [one for one in outcomes if one.startswith(namespace)]
    assert len(made) == 1
    item = catalog.item(f"NAMESPACE#{namespace}", "CURRENT")
    assert made[0] in str(item["ranges"])


def test_document_list_history_and_range_change_in_one_transaction(gateway: Gateway, namespace: str) -> None:
    gateway.get(EXPERIMENTS)
    with counted(gateway.globals_of("experiments")["client"]) as counts:
        key = create(gateway, **part(namespace, 0, 50))["key"]
        gateway.patch(f"{EXPERIMENTS}/{key}", {"name": "Other"})
        move(gateway, key, "active")
        move(gateway, key, "completed")
    assert counts.calls["TransactWriteItems"] == 4
    assert "PutItem" not in counts.calls
