"""Whatever a client sends, the answer is never a 500, and what is refused is not written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway import Gateway
from tests.integration.experiments.making import (
    EXPERIMENTS,
    ORDERS,
    PURCHASED,
    RATIO,
    REVENUE,
    Catalog,
    body,
    create,
    create_in,
)

pytestmark = pytest.mark.engine
FIELDS = {
    "key",
    "name",
    "description",
    "hypothesis",
    "tags",
    "variants",
    "control",
    "coverage",
    "targeting",
    "namespace",
    "overrides",
    "metrics",
    "dimensions",
    "analysis",
    "schedule",
    "seed",
    "hash_version",
    "status",
    "version",
    "created_at",
    "winner",
}
ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**300,
    -(10**300),
    1e308,
    5e-324,
    "",
    "x",
    "\x00",
    "\u202e🙂",
    "x" * 100_000,
    [],
    [[]],
    [None],
    {},
    {"": None},
    {"$": {}},
    {"x": [{"y": []}]},
    ["a"] * 10_000,
    {str(one): one for one in range(10_000)},
]
PLACES: list[tuple[str, ...]] = [
    *((name,) for name in sorted(FIELDS)),
    *(("variants", name) for name in ("key", "weight", "value")),
    *(("namespace", name) for name in ("key", "from", "to")),
    *(("analysis", name) for name in ("method", "alpha", "correction", "power", "mde", "cuped_days")),
    *(("schedule", name) for name in ("start_at", "end_at")),
    *(("metrics", name) for name in ("key", "kind", "event_type", "value", "role", "direction", "cap", "window_hours")),
    *(("metrics", name) for name in ("margin", "numerator", "denominator")),
    *(("targeting", "id", name) for name in ("$in", "$type", "$regex", "$elemMatch", "$not", "$size", "$vgt", "$all")),
    *(("targeting", name) for name in ("$or", "$and", "$nor", "$not")),
    ("overrides", "u"),
    ("tags", "0"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(st.characters()), inside, max_size=3),
    max_leaves=8,
)
RAW = [
    b"",
    b" ",
    b"{",
    b"[]",
    b'"text"',
    b"5",
    b"null",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b'{"name": NaN}',
    b'{"name": Infinity}',
    b'{"name": -Infinity}',
    b'{"name": 1e999}',
    b'{"name": ' + b"9" * 400 + b"}",
    b'{"name": ' + b"9" * 5_000 + b"}",
    b'{"name": "\\ud800"}',
    b'{"name": "\\uDC00x"}',
    b'{"\\ud800": 1}',
    b'{"name": "\xed\xa0\x80"}',
    b'{"name": "a\x01b"}',
    b'{"name": ' + b"[" * 65 + b"]" * 65 + b"}",
    b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    b"{'name': 1}",
    b'{"name": 01}',
    b'{"name": 1,}',
    b'{"name": 1} {}',
]


def inserted(place: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A valid experiment with the value at a place."""
    metrics = [PURCHASED, ORDERS | {"role": "guardrail", "margin": 0.1}, REVENUE, RATIO]
    sent: Any = body(metrics=metrics, namespace={"key": "n", "from": 0, "to": 9}, analysis={}, schedule={})
    if place[0] in {"variants", "metrics"} and len(place) == 2:
        sent[place[0]] = [one | {place[1]: value} for one in sent[place[0]]]
    elif place[0] == "tags" and len(place) == 2:
        sent["tags"] = [value]
    else:
        at = sent
        for name in place[:-1]:
            at = at.setdefault(name, {})
        at[place[-1]] = value
    return dict(sent)


@pytest.mark.parametrize("place", PLACES, ids=".".join)
def test_any_value_at_any_place_is_created_or_refused(gateway: Gateway, place: tuple[str, ...]) -> None:
    for value in ODD:
        answer = gateway.post(EXPERIMENTS, inserted(place, value))
        assert answer.status in {201, 409, 413, 422}, value
        if answer.status == 201:
            key = answer.body["key"]
            assert gateway.get(f"{EXPERIMENTS}/{key}").body == answer.body
            assert gateway.delete(f"{EXPERIMENTS}/{key}").status == 204


@pytest.mark.parametrize("status", ["draft", "active", "archived"])
def test_any_value_in_a_patch_is_taken_or_refused(gateway: Gateway, status: str) -> None:
    key = create_in(gateway, status)["key"]
    for name in FIELDS:
        for value in ODD:
            assert gateway.patch(f"{EXPERIMENTS}/{key}", {name: value}).status in {200, 409, 413, 422}, (name, value)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), JSON, max_size=4))
def test_random_patches_never_fail(gateway: Gateway, patch: dict[str, Any]) -> None:
    key = gateway.post(EXPERIMENTS, body()).body["key"]
    answer = gateway.patch(f"{EXPERIMENTS}/{key}", patch)
    assert answer.status in {200, 400, 409, 413, 422}
    assert gateway.get(f"{EXPERIMENTS}/{key}").status == 200


@pytest.mark.parametrize("raw", RAW, ids=range(len(RAW)))
def test_what_is_no_json_object_is_malformed_everywhere(gateway: Gateway, catalog: Catalog, raw: bytes) -> None:
    key = create(gateway)["key"]
    before = catalog.dump()
    for method, path in [
        ("POST", EXPERIMENTS),
        ("PATCH", f"{EXPERIMENTS}/{key}"),
        ("POST", f"{EXPERIMENTS}/{key}/transitions"),
        ("POST", "/v1/tokens"),
        ("PUT", "/v1/event-types/purchase"),
    ]:
        answer = gateway.send(method, path, raw=raw)
        assert (answer.status, answer.code) == (400, "malformed_json")
    assert catalog.dump() == before


@pytest.mark.parametrize("where", [EXPERIMENTS, "/v1/tokens"])
def test_a_body_over_one_megabyte_is_too_large(gateway: Gateway, catalog: Catalog, where: str) -> None:
    before = catalog.dump()
    answer = gateway.post(where, raw=json.dumps({"name": "x" * 1_000_000}).encode())
    assert (answer.status, answer.code) == (413, "too_large")
    assert catalog.dump() == before


@pytest.mark.parametrize("value", [*ODD, "reject", {"type": 5}, {"$ref": "http://example.com"}, {"$ref": "#/x"}])
def test_any_schema_and_any_mode_are_taken_or_refused(gateway: Gateway, value: Any) -> None:
    for sent in ({"schema": value}, {"schema": {}, "mode": value}, {"schema": {"properties": {"a": value}}}):
        assert gateway.put("/v1/event-types/odd", sent).status in {200, 413, 422}


@pytest.mark.parametrize(
    "keyword", ["minimum", "maxLength", "multipleOf", "pattern", "enum", "$ref", "type", "required"]
)
def test_any_value_of_a_schemas_keyword_is_taken_or_refused(gateway: Gateway, keyword: str) -> None:
    for value in [*ODD, "(a+)+$", "(?=a)", "[", "\\", "a{1000000}", "#", "#/$defs/x", "file:///etc/passwd"]:
        answer = gateway.put("/v1/event-types/odd", {"schema": {keyword: value}})
        assert answer.status in {200, 413, 422}, value
        event = {"unit_id": "u", "type": "odd", "properties": {"a": 1}}
        assert gateway.post("/v1/events", event).status in {202, 422}


@pytest.mark.parametrize("name", ["name", "role", "expires_at", "kind", "rate_per_second"])
def test_any_value_in_a_token_is_taken_or_refused(gateway: Gateway, name: str) -> None:
    for value in ODD:
        answer = gateway.post("/v1/tokens", {"name": "t", "role": "client"} | {name: value})
        assert answer.status in {201, 422}, value
        if answer.status == 201:
            assert gateway.delete(f"/v1/tokens/{answer.body['id']}").status == 204


@pytest.mark.parametrize("name", ["to", "reason", "winner"])
def test_any_value_in_a_transition_is_taken_or_refused(gateway: Gateway, name: str) -> None:
    key = create(gateway)["key"]
    for value in ODD:
        answer = gateway.post(f"{EXPERIMENTS}/{key}/transitions", {"to": "draft"} | {name: value})
        assert answer.status in {409, 422}, value
