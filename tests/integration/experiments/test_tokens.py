"""Tokens over HTTP: made, listed and revoked."""

from __future__ import annotations

import hashlib
import sys
from datetime import timedelta
from typing import Any

import pytest

from fairsplit.domain.timestamps import now, to_text
from fairsplit.http.auth import KNOWN_FOR, Door
from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, Catalog

pytestmark = pytest.mark.engine
TOKENS = "/v1/tokens"
LATER = to_text(now() + timedelta(hours=1))


def make(gateway: Gateway, **fields: Any) -> dict[str, Any]:
    answer = gateway.post(TOKENS, {"name": "the shop", "role": "analyst"} | fields)
    assert answer.status == 201, answer
    return dict(answer.body)


@pytest.fixture
def door(gateway: Gateway) -> Door:
    """The experiments function's door, with its clock in the test's hands."""
    gateway.get("/v1/tokens")
    door = sys.modules["functions.experiments.handler"].door
    assert isinstance(door, Door)
    return door


def test_a_new_token_opens_at_once(gateway: Gateway) -> None:
    secret = make(gateway)["token"]
    assert secret.startswith("fs_")
    assert len(secret) == 3 + 43
    assert gateway.get(EXPERIMENTS, token=secret).status == 200


def test_a_token_is_answered_with_all_that_it_is(gateway: Gateway) -> None:
    made = make(gateway, role="client", kind="sdk", expires_at=LATER, rate_per_second=5)
    shown = {name: made[name] for name in ("name", "role", "kind", "expires_at", "rate_per_second")}
    assert shown == {
        "name": "the shop",
        "role": "client",
        "kind": "sdk",
        "expires_at": LATER,
        "rate_per_second": 5,
    }


def test_the_secret_is_shown_once_and_only_its_digest_is_stored(gateway: Gateway, catalog: Catalog) -> None:
    made = make(gateway)
    secret = made.pop("token")
    listed = gateway.get(TOKENS, query={"limit": 100}).body["items"]
    assert made in listed
    assert secret not in str(listed) + str(catalog.dump())
    assert hashlib.sha256(secret.encode()).hexdigest() in str(catalog.dump())


def test_lists_come_in_pages(gateway: Gateway) -> None:
    made = {make(gateway)["id"] for _ in range(5)}
    found: list[str] = []
    cursor = None
    while True:
        page = gateway.get(TOKENS, query={"limit": 2} | ({"cursor": cursor} if cursor else {})).body
        found += [token["id"] for token in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert made <= set(found)
    assert len(found) == len(set(found))


def test_a_revoked_token_closes_within_a_minute(
    gateway: Gateway, door: Door, monkeypatch: pytest.MonkeyPatch, catalog: Catalog
) -> None:
    before = catalog.dump()
    made = make(gateway)
    assert gateway.get(EXPERIMENTS, token=made["token"]).status == 200
    assert gateway.delete(f"{TOKENS}/{made['id']}").status == 204
    assert catalog.dump() == before
    monkeypatch.setattr(door, "clock", lambda: now() + KNOWN_FOR)
    assert gateway.get(EXPERIMENTS, token=made["token"]).status == 401
    assert timedelta(minutes=1) > KNOWN_FOR


def test_an_expired_token_closes_at_once(gateway: Gateway, door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    expiring = make(gateway, expires_at=to_text(now() + timedelta(seconds=10)))["token"]
    assert gateway.get(EXPERIMENTS, token=expiring).status == 200
    monkeypatch.setattr(door, "clock", lambda: now() + timedelta(seconds=11))
    answer = gateway.get(EXPERIMENTS, token=expiring)
    assert (answer.status, answer.code) == (401, "unauthenticated")


def test_a_token_with_a_rate_is_told_when_to_come_again(gateway: Gateway) -> None:
    limited = make(gateway, rate_per_second=2)["token"]
    answers = [gateway.get(f"{EXPERIMENTS}/missing", token=limited) for _ in range(4)]
    assert [answer.status for answer in answers[:2]] == [404, 404]
    assert (answers[-1].status, answers[-1].code, answers[-1].headers["retry-after"]) == (429, "rate_exceeded", "1")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("broken", "code", "loc"),
    [
        ({"name": ""}, "too_short", "name"),
        ({"name": "x" * 201}, "too_long", "name"),
        ({"name": None}, "invalid_type", "name"),
        ({"role": "owner"}, "unknown_value", "role"),
        ({"role": ["admin"]}, "unknown_value", "role"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expired_already", "expires_at"),
        ({"expires_at": "tomorrow"}, "invalid_format", "expires_at"),
        ({"expires_at": 5}, "invalid_type", "expires_at"),
        ({"kind": "server"}, "unknown_value", "kind"),
        ({"kind": "sdk"}, "not_for_this_role", "kind"),
        ({"kind": "sdk", "role": "admin"}, "not_for_this_role", "kind"),
        ({"rate_per_second": 0}, "out_of_range", "rate_per_second"),
        ({"rate_per_second": -1}, "out_of_range", "rate_per_second"),
        ({"rate_per_second": 1e-200}, "out_of_range", "rate_per_second"),
        ({"rate_per_second": "5"}, "invalid_type", "rate_per_second"),
        ({"scope": "all"}, "unknown_field", "scope"),
        ({"token": "mine"}, "unknown_field", "token"),
        ({"id": "mine"}, "unknown_field", "id"),
    ],
)
def test_a_token_that_breaks_a_rule_is_not_made(gateway: Gateway, broken: Any, code: str, loc: str) -> None:
    answer = gateway.post(TOKENS, {"name": "the shop", "role": "analyst"} | broken)
    assert (answer.status, answer.code, answer.faults) == (422, code, [([loc], code)])


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("name", ["name", "role"])
def test_name_and_role_are_required(gateway: Gateway, name: str) -> None:
    sent = {"name": "the shop", "role": "analyst"}
    del sent[name]
    answer = gateway.post(TOKENS, sent)
    assert (answer.status, answer.code, answer.faults) == (422, "required", [([name], "required")])


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("token_id", ["missing", "x" * 3_000, "ü", "local admin"])
def test_an_unknown_token_cannot_be_revoked(gateway: Gateway, token_id: str) -> None:
    answer = gateway.delete(f"{TOKENS}/{token_id}")
    assert (answer.status, answer.code) == (404, "token_not_found")


@pytest.mark.parametrize(("name", "value"), [("limit", "0"), ("cursor", "x")])
def test_a_bad_query_parameter_is_named(gateway: Gateway, name: str, value: str) -> None:
    answer = gateway.get(TOKENS, query={name: value})
    assert (answer.status, answer.faults) == (422, [(["query", name], f"{name}_invalid")])
