"""POST …/transitions: the table of moves, winners, times and recounts."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, Catalog, create, create_in, move

pytestmark = pytest.mark.engine
STATUSES = ["draft", "active", "paused", "completed", "archived"]
ALLOWED = {
    ("draft", "active"),
    ("active", "paused"),
    ("active", "completed"),
    ("paused", "active"),
    ("paused", "completed"),
    ("completed", "archived"),
}


@pytest.mark.parametrize(("status", "to"), sorted(ALLOWED))
def test_an_allowed_move_is_made(gateway: Gateway, status: str, to: str) -> None:
    before = create_in(gateway, status)
    answer = move(gateway, before["key"], to, reason="because")
    version = before["version"] + 1
    assert (answer.status, answer.headers["etag"]) == (200, f'"{version}"')
    assert (answer.body["status"], answer.body["version"]) == (to, version)
    assert gateway.get(f"{EXPERIMENTS}/{before['key']}").body == answer.body


@pytest.mark.parametrize(("status", "to"), sorted(set(product(STATUSES, STATUSES)) - ALLOWED))
def test_any_other_move_is_a_conflict_and_changes_nothing(
    gateway: Gateway, catalog: Catalog, status: str, to: str
) -> None:
    key = create_in(gateway, status)["key"]
    before = catalog.dump()
    answer = move(gateway, key, to)
    assert (answer.status, answer.code) == (409, "transition_not_allowed")
    assert catalog.dump() == before


@pytest.mark.parametrize(
    ("sent", "code", "loc"),
    [
        ({}, "required", ["to"]),
        ({"to": "started"}, "unknown_status", ["to"]),
        ({"to": "ACTIVE"}, "unknown_status", ["to"]),
        ({"to": None}, "unknown_status", ["to"]),
        ({"to": ["active"]}, "unknown_status", ["to"]),
        ({"to": {"active": 1}}, "unknown_status", ["to"]),
        ({"to": 1}, "unknown_status", ["to"]),
        ({"to": "active", "why": "x"}, "unknown_field", ["why"]),
        ({"to": "active", "reason": 5}, "invalid_type", ["reason"]),
        ({"to": "active", "reason": "x" * 2_001}, "too_long", ["reason"]),
        ({"to": "active", "winner": []}, "invalid_type", ["winner"]),
        ({"to": "active", "winner": "green"}, "winner_not_allowed", ["winner"]),
    ],
)
@pytest.mark.usefixtures("draft", "unchanged")
def test_a_transition_that_breaks_a_rule_changes_nothing(
    gateway: Gateway, draft: str, sent: dict[str, Any], code: str, loc: list[str]
) -> None:
    answer = gateway.post(f"{EXPERIMENTS}/{draft}/transitions", sent)
    assert (answer.status, answer.code, answer.faults) == (422, code, [(loc, code)])


@pytest.fixture(scope="module")
def draft(gateway: Gateway) -> str:
    return str(create(gateway)["key"])


def test_a_winner_has_to_be_a_variant(gateway: Gateway, catalog: Catalog) -> None:
    key = create_in(gateway, "active")["key"]
    before = catalog.dump()
    answer = move(gateway, key, "completed", winner="red")
    assert (answer.status, answer.code, answer.faults) == (422, "unknown_variant", [(["winner"], "unknown_variant")])
    assert catalog.dump() == before


def test_a_winner_is_kept_and_shown(gateway: Gateway) -> None:
    key = create_in(gateway, "active")["key"]
    assert move(gateway, key, "completed", winner="green").body["winner"] == "green"
    assert move(gateway, key, "archived").body["winner"] == "green"


def test_the_server_notes_when_each_status_began(gateway: Gateway) -> None:
    key = create(gateway)["key"]
    active = move(gateway, key, "active").body
    assert active["started_at"] == active["updated_at"]
    assert (active["paused_at"], active["completed_at"]) == (None, None)
    paused = move(gateway, key, "paused").body
    assert (paused["started_at"], paused["paused_at"]) == (active["started_at"], paused["updated_at"])
    assert move(gateway, key, "active").body["started_at"] == active["started_at"]
    completed = move(gateway, key, "completed").body
    assert (completed["started_at"], completed["completed_at"]) == (active["started_at"], completed["updated_at"])


def test_completing_queues_one_recount_and_no_other_move_does(gateway: Gateway, catalog: Catalog) -> None:
    key = create_in(gateway, "paused")["key"]
    assert catalog.recount(key) is None
    move(gateway, key, "completed")
    assert catalog.recount(key) == (2, "queued", "completed")
    move(gateway, key, "archived")
    assert catalog.recount(key) == (2, "queued", "completed")


def test_a_draft_that_would_run_too_long_is_not_started(gateway: Gateway, catalog: Catalog) -> None:
    key = create(gateway, schedule={"end_at": "2099-01-01T00:00:00Z"})["key"]
    before = catalog.dump()
    answer = move(gateway, key, "active")
    assert (answer.status, answer.code) == (422, "run_too_long")
    assert answer.faults == [(["schedule", "end_at"], "run_too_long")]
    assert catalog.dump() == before


def test_an_unknown_experiment_is_not_moved(gateway: Gateway) -> None:
    answer = move(gateway, "missing", "active")
    assert (answer.status, answer.code) == (404, "experiment_not_found")
