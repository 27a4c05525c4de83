"""Namespaces: ranges of experiments that may run at once never overlap, whoever is faster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from fairsplit.domain.audit import Actor
from fairsplit.domain.timestamps import now
from fairsplit.services.experimenting import Experimenting
from tests.counting import counted
from tests.gateway import Answer, Gateway
from tests.integration.experiments.making import EXPERIMENTS, body, create, create_in, fresh_key, move
from tests.outcomes import FINE, outcome_of
from tests.store_faults import fault, losing_answers

pytestmark = pytest.mark.engine
CALLERS = 16


def part(namespace: str, start: float, end: float) -> dict[str, Any]:
    return {"namespace": {"key": namespace, "from": start, "to": end}}


def ask(gateway: Gateway, namespace: str, start: float, end: float) -> Answer:
    return gateway.post(EXPERIMENTS, body(**part(namespace, start, end)))


@pytest.fixture
def namespace() -> str:
    return fresh_key()


@pytest.fixture
def desk(gateway: Gateway) -> Experimenting:
    module = gateway.globals_of("experiments")
    return Experimenting(module["store"], module["recounts"], Actor("a", "a"), now(), 480)


def anyway(_version: int) -> None:
    """No If-Match."""


def at_once(desk: Experimenting, namespace: str, spans: Sequence[tuple[float, float]]) -> dict[str, str]:
    """What became of experiments in these ranges that are made all at once, by key."""
    barrier = Barrier(len(spans))

    def claim(number: int) -> str:
        barrier.wait()
        wanted = body(key=f"{namespace}-{number}", **part(namespace, *spans[number]))
        return outcome_of(lambda: desk.create(wanted, "s"))

    with ThreadPoolExecutor(len(spans)) as pool:
        return {f"{namespace}-{number}": one for number, one in enumerate(pool.map(claim, range(len(spans))))}


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


def test_of_many_at_once_one_gets_the_range(desk: Experimenting, namespace: str) -> None:
    outcomes = at_once(desk, namespace, [(number % 4, 10) for number in range(CALLERS)])
    assert Counter(outcomes.values()) == {FINE: 1, "namespace_overlap": CALLERS - 1}
    (winner,) = (key for key, outcome in outcomes.items() if outcome == FINE)
    assert set(desk.store.taken(namespace).ranges) == {winner}
    assert [key for key in outcomes if desk.store.read(key)] == [winner]


def test_of_many_at_once_each_gets_its_own_range(desk: Experimenting, namespace: str) -> None:
    spans = [(number * 5, number * 5 + 5) for number in range(CALLERS)]
    outcomes = at_once(desk, namespace, spans)
    assert set(outcomes.values()) == {FINE}
    assert desk.store.taken(namespace).ranges == dict(zip(outcomes, spans, strict=True))


def test_who_moves_into_a_range_that_is_given_back_at_that_moment_never_shares_it(
    desk: Experimenting, namespace: str
) -> None:
    for _ in range(5):
        one = desk.create(body(**part(namespace, 0, 50)), "s").key
        calls = [
            lambda one=one: desk.delete(one, anyway),
            *[lambda: desk.create(body(**part(namespace, 0, 50)), "s")] * 3,
        ]
        with ThreadPoolExecutor(len(calls)) as pool:
            list(pool.map(outcome_of, calls))
        taken = desk.store.taken(namespace).ranges
        assert len(taken) <= 1
        for key in taken:
            assert desk.delete(key, anyway)


def test_document_list_history_and_range_change_in_one_transaction(gateway: Gateway, namespace: str) -> None:
    gateway.get(EXPERIMENTS)
    with counted(gateway.globals_of("experiments")["client"]) as counts:
        key = create(gateway, **part(namespace, 0, 50))["key"]
        gateway.patch(f"{EXPERIMENTS}/{key}", {"name": "Other"})
        move(gateway, key, "active")
        move(gateway, key, "completed")
        draft = create(gateway, **part(namespace, 0, 50))["key"]
        gateway.patch(f"{EXPERIMENTS}/{draft}", part(f"{namespace}-2", 0, 50))
        gateway.delete(f"{EXPERIMENTS}/{draft}")
    assert counts.calls["TransactWriteItems"] == 7


def test_an_answer_that_is_lost_takes_the_range_once(gateway: Gateway, namespace: str) -> None:
    gateway.get(EXPERIMENTS)
    with fault(gateway.globals_of("experiments")["client"], losing_answers(1), "TransactWriteItems"):
        answer = ask(gateway, namespace, 0, 50)
    assert answer.status == 201
    assert list(gateway.globals_of("experiments")["store"].taken(namespace).ranges) == [answer.body["key"]]
