"""POST /ofrep/v1/evaluate/flags/{key}: an assignment, in OpenFeature's words."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import ANALYST, CLIENT, Stored
from tests.integration.experiments.making import VARIANTS, create_in, move
from tests.integration.flags.evaluating import ALL, UNIT, Flags

pytestmark = pytest.mark.engine
ALL_GREEN: list[dict[str, Any]] = [
    {"key": "control", "weight": 0, "value": 0.5},
    {"key": "green", "weight": 100, "value": 1.0},
]


def test_a_new_unit_is_stored_and_told_its_variant(gateway: Gateway, flags: Flags, stored: Stored) -> None:
    key = create_in(gateway, "active", variants=ALL_GREEN)["key"]
    answer = flags.one(key)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.body == {
        "key": key,
        "reason": "SPLIT",
        "variant": "green",
        "value": 1.0,
        "metadata": {"reason": "assigned"},
    }
    assert stored.units(key) == {"u-1"}


def test_it_is_the_assignment_that_everybody_sees(gateway: Gateway, flags: Flags) -> None:
    key = create_in(gateway, "active")["key"]
    for number in range(10):
        unit_id = f"u-{number}"
        variant = flags.one(key, {"targetingKey": unit_id}).body["variant"]
        assigned = gateway.put(f"/v1/experiments/{key}/assignments/{unit_id}").body
        assert (assigned["variant"], assigned["new"]) == (variant, False)


def test_the_rest_of_the_context_are_the_attributes(gateway: Gateway, flags: Flags, stored: Stored) -> None:
    key = create_in(gateway, "active", targeting={"country": "DE"}, dimensions=["country"])["key"]
    assert flags.one(key, UNIT | {"country": "FR"}).body["reason"] == "DEFAULT"
    assert flags.one(key, UNIT | {"country": "DE"}).body["reason"] == "SPLIT"
    item = stored.item(key, "u-1")
    assert item
    assert item["dimensions"] == {"S": '{"country":"DE"}'}


@pytest.mark.parametrize(
    ("status", "fields", "reason", "variant"),
    [
        ("draft", {}, "DISABLED", "control"),
        ("paused", {}, "DISABLED", "control"),
        ("completed", {}, "DISABLED", "control"),
        ("archived", {}, "DISABLED", "control"),
        ("active", {"coverage": 0}, "DEFAULT", "control"),
        ("active", {"overrides": {"u-1": "green"}}, "TARGETING_MATCH", "green"),
        ("draft", {"overrides": {"u-1": "green"}}, "TARGETING_MATCH", "green"),
    ],
)
def test_who_is_not_assigned_is_told_why_and_not_stored(
    gateway: Gateway, flags: Flags, stored: Stored, status: str, fields: dict[str, Any], reason: str, variant: str
) -> None:
    key = create_in(gateway, status, **fields)["key"]
    answer = flags.one(key)
    told = {name: answer.body[name] for name in ("reason", "variant", "value")}
    assert (answer.status, told) == (200, {"reason": reason, "variant": variant, "value": variant})
    assert stored.units(key) == set()


def test_who_is_in_stays_in(gateway: Gateway, flags: Flags) -> None:
    key = create_in(gateway, "active", variants=ALL_GREEN)["key"]
    flags.one(key)
    for to in ("paused", "completed", "archived"):
        move(gateway, key, to)
        flags.start_anew()
        assert flags.one(key).body["reason"] == "SPLIT"
        assert flags.one(key, {"targetingKey": "new"}).body["reason"] == "DISABLED"


def test_a_winner_is_for_everybody(gateway: Gateway, flags: Flags, stored: Stored) -> None:
    key = create_in(gateway, "active")["key"]
    move(gateway, key, "completed", winner="green")
    answer = flags.one(key).body
    assert (answer["reason"], answer["variant"]) == ("STATIC", "green")
    assert stored.units(key) == set()


@pytest.mark.parametrize("value", [True, 7, 1.0, "x", [1, 2.0], {"a": [1.0]}, 0, False, ""])
def test_a_value_comes_with_the_type_that_it_was_written_with(gateway: Gateway, flags: Flags, value: Any) -> None:
    variants = [VARIANTS[0] | {"weight": 0}, VARIANTS[1] | {"weight": 100, "value": value}]
    key = create_in(gateway, "active", variants=variants)["key"]
    told = flags.one(key).body["value"]
    assert (told, type(told)) == (value, type(value))


@pytest.mark.parametrize(
    "key", ["unknown", "Upper", "x" * 65, "~", "a%20b", "%C3%BC", "a/b", "a%2Fb", "a%22b", "a%5Cb", "%F0%9F%99%82", "."]
)
def test_an_unknown_flag_is_not_found_in_openfeatures_words(flags: Flags, key: str) -> None:
    answer = flags.one(key)
    assert (answer.status, answer.headers["content-type"]) == (404, "application/json")
    assert (answer.body.keys(), answer.body["errorCode"]) == ({"key", "errorCode", "errorDetails"}, "FLAG_NOT_FOUND")


def test_the_key_of_an_unknown_flag_comes_back_decoded(flags: Flags) -> None:
    assert flags.one("a%2520b").body["key"] == "a b"
    assert flags.one("%C3%BC").body["key"] == "ü"


def test_a_key_that_is_encoded_once_more_is_found(gateway: Gateway, flags: Flags) -> None:
    key = create_in(gateway, "active")["key"]
    assert flags.one(key.replace("-", "%252D")).body["reason"] == "SPLIT"


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        (None, {}, 401),
        ("wrong", {}, 401),
        (ANALYST, {}, 403),
        (None, {"x-api-key": CLIENT}, 200),
        (None, {"X-API-Key": CLIENT}, 200),
    ],
)
def test_a_clients_token_opens_it(
    gateway: Gateway, flags: Flags, token: str | None, headers: dict[str, str], status: int
) -> None:
    key = create_in(gateway, "active")["key"]
    for path in (f"{ALL}/{key}", ALL):
        answer = gateway.post(path, {"context": UNIT}, token=token, headers=headers)
        assert answer.status == status
        assert status == 200 or answer.headers["content-type"] == "application/problem+json"


def test_a_token_with_a_rate_is_told_to_wait_whole_seconds(gateway: Gateway, flags: Flags) -> None:
    made = gateway.post("/v1/tokens", {"name": "slow", "role": "client", "rate_per_second": 0.5}).body["token"]
    answers = [flags.one("unknown", token=made), flags.one("unknown", token=made), flags.all(token=made)]
    assert [answer.status for answer in answers] == [404, 429, 429]
    assert all(1 <= int(answer.headers["retry-after"]) <= 2 for answer in answers[1:])


def test_nothing_of_a_context_is_logged_even_at_the_finest_level(
    gateway: Gateway, flags: Flags, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = create_in(gateway, "active", dimensions=["country"])["key"]
    flags.start_anew()
    for context in ({"targetingKey": "swordfish", "country": "swordfish"}, {"targetingKey": ["swordfish"]}):
        flags.one(key, context)
        flags.all(context)
    assert "swordfish" not in caplog.text


def test_other_fields_and_the_query_are_ignored(gateway: Gateway, flags: Flags) -> None:
    key = create_in(gateway, "active")["key"]
    query = {"flagConfigEtag": "x", "flagConfigLastModified": "never"}
    raw = b'{"context": {"targetingKey": "u-1"}, "options": {"a": [1]}}'
    assert gateway.post(f"{ALL}/{key}", raw=raw, token=CLIENT, query=query).status == 200
    assert gateway.post(ALL, raw=raw, token=CLIENT, query=query).status == 200
