"""What cannot be evaluated is a 400 in OpenFeature's words, within bounds, and stores nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.counting import counted
from tests.gateway import Answer, Gateway
from tests.integration.assignments.asking import CLIENT, Stored
from tests.integration.experiments.making import create_in
from tests.integration.flags.evaluating import ALL, UNIT, Flags

pytestmark = pytest.mark.engine
DEEP = 10_000
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> str:
    """An experiment that asks for attributes."""
    return str(create_in(gateway, "active", targeting={"x": {"$ne": "no"}}, dimensions=["x"])["key"])


@pytest.fixture(autouse=True)
def _unstored(stored: Stored, key: str) -> Iterator[None]:
    """No test stores anything but the unit u-1."""
    yield
    assert stored.units(key) <= {"u-1"}


def answers(gateway: Gateway, key: str, raw: bytes) -> list[Answer]:
    """What is answered to that body where one flag is asked for, and where all are."""
    return [gateway.post(path, raw=raw, token=CLIENT) for path in (f"{ALL}/{key}", ALL)]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "TARGETING_KEY_MISSING"),
        (b"{}", "TARGETING_KEY_MISSING"),
        (b'{"context": null}', "TARGETING_KEY_MISSING"),
        (b'{"context": {}}', "TARGETING_KEY_MISSING"),
        (b'{"context": {"country": "DE"}}', "TARGETING_KEY_MISSING"),
        (b'{"context": "u-2"}', "INVALID_CONTEXT"),
        (b'{"context": ["u-2"]}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": 7}}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": ""}}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": "a\\u0000"}}', "INVALID_CONTEXT"),
        (b"{", "PARSE_ERROR"),
        (b"[]", "PARSE_ERROR"),
        (b"null", "PARSE_ERROR"),
        (b"\xff", "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "\\ud800"}}', "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "u-2", "x": NaN}}', "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "u-2", "x": 1e999}}', "PARSE_ERROR"),
        (b"[" * DEEP, "PARSE_ERROR"),
        (b'{"context":' * DEEP + b"1" + b"}" * DEEP, "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "u-2", "x": ' + b"[" * DEEP + b"]" * DEEP + b"}}", "PARSE_ERROR"),
    ],
    ids=range(20),
)
def test_it_is_a_400_that_says_what_is_wrong(gateway: Gateway, key: str, raw: bytes, code: str) -> None:
    one, every = answers(gateway, key, raw)
    assert (one.status, one.body["key"], one.body["errorCode"]) == (400, key, code)
    assert (every.status, every.body.keys(), every.body["errorCode"]) == (400, {"errorCode", "errorDetails"}, code)
    assert one.body["errorDetails"] == every.body["errorDetails"] != ""


@pytest.mark.parametrize(
    ("size", "code"), [(8_193, "INVALID_CONTEXT"), (64_000, "INVALID_CONTEXT"), (1_000_001, "PARSE_ERROR")]
)
def test_a_large_context_is_refused(gateway: Gateway, key: str, size: int, code: str) -> None:
    raw = json.dumps({"context": {"targetingKey": "u-2", "x": "y" * size}}).encode()
    for answer in answers(gateway, key, raw):
        assert (answer.status, answer.body["errorCode"]) == (400, code)
        assert "yyy" not in answer.body["errorDetails"]


def test_what_is_refused_asks_the_store_for_nothing(gateway: Gateway, flags: Flags, key: str) -> None:
    flags.one(key)
    with counted(flags.client) as counts:
        for raw in (b"{", b"{}", b'{"context": {"targetingKey": 7}}'):
            answers(gateway, key, raw)
        flags.one("No-Key")
    assert counts.calls == {}


@settings(max_examples=60, deadline=None)
@given(JSON | JSON.map(lambda value: {"context": value}) | JSON.map(lambda value: {"context": UNIT | {"x": value}}))
def test_whatever_is_sent_it_is_an_evaluation_or_a_400(gateway: Gateway, key: str, body: Any) -> None:
    assert {answer.status for answer in answers(gateway, key, json.dumps(body).encode())} in ({200}, {400})
