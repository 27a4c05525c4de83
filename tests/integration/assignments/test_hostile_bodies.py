"""Conditions and contexts that are made to hurt: refused in bounded work, wherever they are sent, and never stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.gateway import Answer, Gateway
from tests.integration.assignments.asking import Stored
from tests.integration.experiments.making import EXPERIMENTS, Catalog, body, create, create_in

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
DEEP = 10_000
MOST_STEPS = 150_000  # calls of functions; an honest request is some thousands
KB_64 = 64 * 1024
CONDITIONS: dict[str, str] = {
    "nested in $not": '{"$not":' * DEEP + '{"a":1}' + "}" * DEEP,
    "nested in $or": '{"$or":[' * DEEP + '{"a":1}' + "]}" * DEEP,
    "nested in values": '{"a":' * DEEP + "1" + "}" * DEEP,
    "nested in lists": '{"a":{"$in":' + "[" * DEEP + "]" * DEEP + "}}",
    "64 KB of values": json.dumps({"a": {"$in": list(range(KB_64 // 6))}}),
    "64 KB of names": json.dumps({f"attribute-{number}": 1 for number in range(KB_64 // 20)}),
    "64 KB of pattern": json.dumps({"a": {"$regex": "a" * KB_64}}),
    "64 KB of alternatives": json.dumps({"a": {"$regex": "|".join(["ab"] * (KB_64 // 3))}}),
    "a nested quantifier": json.dumps({"a": {"$regex": "^(a+)+$"}}),
    "a nested quantifier in a list": json.dumps({"a": {"$elemMatch": {"$regex": "^(a+)+$"}}}),
    "overlapping alternatives": json.dumps({"a": {"$regex": "^(a|a)*$"}}),
    "a backreference": json.dumps({"a": {"$regex": r"(a*)\1b"}}),
    "a look-ahead": json.dumps({"a": {"$regex": "(?=(a+))a*b"}}),
    "a huge repetition": json.dumps({"a": {"$regex": "(a{1,1000}){1,1000}b"}}),
    "a broken pattern": json.dumps({"a": {"$regex": "(((("}}),
    "an operator under an operator": json.dumps({"a": {"$in": {"$in": [1]}}}),
    "an unknown operator": json.dumps({"a": {"$where": "while(true){}"}}),
    "an operator without an attribute": json.dumps({"$in": [1]}),
    "no object": "[[]]",
}
CONTEXTS: dict[str, str] = {
    "nested objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "nested lists": '{"a":' + "[" * DEEP + "]" * DEEP + "}",
    "64 KB": json.dumps({"a": "x" * KB_64}),
    "64 KB of names": json.dumps({f"attribute-{number}": 1 for number in range(KB_64 // 20)}),
    "no object": "[1]",
    "not a number": '{"a": NaN}',
    "infinity": '{"a": -Infinity}',
    "half a surrogate": '{"a": "\\ud800"}',
    "half an object": '{"a":',
    "bytes that are no UTF-8": '{"a": "\udcff"}',
}
ROUTES = {
    "assignment": ("PUT", "/v1/experiments/%s/assignments/hurt", '{"attributes": %s}'),
    "decisions": ("POST", "/v1/decisions", '{"unit_id": "hurt", "attributes": %s}'),
    "flag": ("POST", "/ofrep/v1/evaluate/flags/%s", '{"context": {"targetingKey": "hurt", "more": %s}}'),
    "flags": ("POST", "/ofrep/v1/evaluate/flags", '{"context": {"targetingKey": "hurt", "more": %s}}'),
}


@contextmanager
def bounded() -> Iterator[None]:
    """Within it no more than so many functions are called, in Python and in C."""
    steps = 0

    def count(_frame: Any, event: str, _argument: Any) -> None:
        nonlocal steps
        steps += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)
    assert steps < MOST_STEPS


def send(gateway: Gateway, method: str, path: str, text: str) -> Answer:
    with bounded():
        return gateway.send(method, path, raw=text.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_that_hurts_is_neither_created_nor_patched_in(
    gateway: Gateway, client: DynamoDBClient, tables: dict[str, str], name: str
) -> None:
    key, catalog = create(gateway)["key"], Catalog(client, tables["CatalogTable"])
    before = catalog.dump()
    whole = json.dumps(body(targeting="HERE")).replace('"HERE"', CONDITIONS[name])
    for method, path, text in (
        ("POST", EXPERIMENTS, whole),
        ("PATCH", f"{EXPERIMENTS}/{key}", f'{{"targeting": {CONDITIONS[name]}}}'),
    ):
        answer = send(gateway, method, path, text)
        assert answer.status in {400, 413, 422}, answer
        assert len(json.dumps(answer.body)) < 50_000
    assert catalog.dump() == before


@pytest.mark.parametrize("name", CONTEXTS)
@pytest.mark.parametrize("route", ROUTES)
def test_a_context_that_hurts_is_refused_and_stores_nothing(
    gateway: Gateway, stored: Stored, route: str, name: str
) -> None:
    key = str(create_in(gateway, "active", targeting={"a": {"$regex": "^x"}})["key"])
    method, path, text = ROUTES[route]
    answer = send(gateway, method, path.replace("%s", key), text % CONTEXTS[name])
    is_flag = route.startswith("flag")
    if is_flag and name == "no object":  # it is just one attribute among others there
        assert answer.status == 200
        return
    assert answer.status in ({400} if is_flag else {400, 413, 422}), answer
    assert stored.items(key) == []
    if is_flag:
        assert answer.body["errorCode"] in {"PARSE_ERROR", "INVALID_CONTEXT"}
        assert answer.body["errorDetails"]


def test_a_number_that_is_too_large_for_a_double_is_just_another_value(gateway: Gateway) -> None:
    key = create_in(gateway, "active", targeting={"a": {"$gt": 1}})["key"]
    for number in ("1e400", "-0", "9" * 4_000):
        answer = send(gateway, "PUT", f"/v1/experiments/{key}/assignments/u", f'{{"attributes": {{"a": {number}}}}}')
        assert answer.status in {200, 400, 422}, answer
