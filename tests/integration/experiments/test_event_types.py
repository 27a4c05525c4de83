"""Event types over HTTP: a schema and a mode for a type's properties."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import Catalog

pytestmark = pytest.mark.engine
TYPES = "/v1/event-types"
SCHEMA = {"type": "object", "properties": {"sku": {"type": "string", "maxLength": 10.0}}, "required": ["sku"]}


def deep(levels: int) -> dict[str, Any]:
    return {"not": deep(levels - 1)} if levels else {}


def test_a_type_is_kept_read_and_listed(gateway: Gateway) -> None:
    kept = gateway.put(f"{TYPES}/purchase", {"schema": SCHEMA, "mode": "warn"})
    assert (kept.status, kept.body) == (200, {"type": "purchase", "schema": SCHEMA, "mode": "warn"})
    assert gateway.get(f"{TYPES}/purchase", token="local-analyst").body == kept.body
    assert kept.body in gateway.get(TYPES, token="local-analyst").body["items"]


def test_the_mode_is_reject_unless_said_otherwise(gateway: Gateway) -> None:
    assert gateway.put(f"{TYPES}/refund", {"schema": SCHEMA}).body["mode"] == "reject"


def test_a_second_schema_replaces_the_first(gateway: Gateway) -> None:
    gateway.put(f"{TYPES}/visit", {"schema": SCHEMA})
    gateway.put(f"{TYPES}/visit", {"schema": {}})
    assert gateway.get(f"{TYPES}/visit").body["schema"] == {}


def test_a_type_can_be_taken_back(gateway: Gateway, catalog: Catalog) -> None:
    before = catalog.dump()
    gateway.put(f"{TYPES}/gone", {"schema": SCHEMA})
    assert gateway.delete(f"{TYPES}/gone").status == 204
    assert catalog.dump() == before
    for answer in (gateway.get(f"{TYPES}/gone"), gateway.delete(f"{TYPES}/gone")):
        assert (answer.status, answer.code) == (404, "event_type_not_found")


def doubling(levels: int) -> dict[str, Any]:
    """A small schema whose references double what a check does, so many times."""
    steps = {f"s{number}": {"allOf": [{"$ref": f"#/$defs/s{number + 1}"}] * 2} for number in range(levels)}
    return {"$defs": steps | {f"s{levels}": {"type": "object"}}, "allOf": [{"$ref": "#/$defs/s0"}]}


@pytest.mark.parametrize(("levels", "status"), [(11, 200), (12, 422), (22, 422)])
def test_references_that_multiply_are_bounded(gateway: Gateway, levels: int, status: int) -> None:
    answer = gateway.put(f"{TYPES}/doubling", {"schema": doubling(levels)})
    assert (answer.status, status == 200 or answer.code) == (status, status == 200 or "schema_too_complex")
    gateway.delete(f"{TYPES}/doubling")


def test_lists_come_in_pages_by_name(gateway: Gateway) -> None:
    for number in range(5):
        gateway.put(f"{TYPES}/listed-{number}", {"schema": {}})
    found: list[str] = []
    cursor = None
    while True:
        page = gateway.get(TYPES, query={"limit": 2} | ({"cursor": cursor} if cursor else {})).body
        found += [one["type"] for one in page["items"] if one["type"].startswith("listed-")]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [f"listed-{number}" for number in range(5)]


@pytest.mark.parametrize("name", ["a.b", "Ünicode", "x" * 128, "with space", "a:b", "order@shop"])
def test_names_that_may_be(gateway: Gateway, name: str) -> None:
    assert gateway.put(f"{TYPES}/{name}", {"schema": {}}).body["type"] == name
    assert gateway.get(f"{TYPES}/{name}").status == 200


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("name", ["$exposure", "$", "x" * 129, "x" * 3_000])
def test_names_that_may_not_be(gateway: Gateway, name: str) -> None:
    answer = gateway.put(f"{TYPES}/{name}", {"schema": {}})
    assert (answer.status, answer.faults) == (422, [(["path", "type"], "event_type_invalid")])
    assert gateway.get(f"{TYPES}/{name}").code == "event_type_not_found"
    assert gateway.delete(f"{TYPES}/{name}").code == "event_type_not_found"


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("sent", "code", "loc"),
    [
        ({}, "required", "schema"),
        ({"schema": None}, "invalid_type", "schema"),
        ({"schema": "string"}, "invalid_type", "schema"),
        ({"schema": []}, "invalid_type", "schema"),
        ({"schema": {}, "mode": "ignore"}, "unknown_value", "mode"),
        ({"schema": {}, "mode": ["warn"]}, "unknown_value", "mode"),
        ({"schema": {}, "name": "x"}, "unknown_field", "name"),
        ({"schema": {"type": "text"}}, "schema_invalid", "schema"),
        ({"schema": {"properties": 5}}, "schema_invalid", "schema"),
        ({"schema": {"pattern": "("}}, "schema_invalid", "schema"),
        ({"schema": {"pattern": "(?=a)"}}, "schema_invalid", "schema"),
        ({"schema": {"pattern": "(a)\\1"}}, "schema_invalid", "schema"),
        ({"schema": {"$ref": "https://example.com/schema"}}, "schema_invalid", "schema"),
        ({"schema": {"$ref": "file:///etc/passwd"}}, "schema_invalid", "schema"),
        ({"schema": {"$ref": "#/$defs/missing"}}, "schema_invalid", "schema"),
    ],
)
def test_a_type_that_breaks_a_rule_is_not_kept(gateway: Gateway, sent: Any, code: str, loc: str) -> None:
    answer = gateway.put(f"{TYPES}/broken", sent)
    assert (answer.status, answer.code, answer.faults) == (422, code, [([loc], code)])


@pytest.mark.usefixtures("unchanged")
def test_a_schema_is_asked_for_as_an_object_or_a_truth_value(gateway: Gateway) -> None:
    answer = gateway.put(f"{TYPES}/said", {"schema": 5})
    assert answer.body["detail"] == "schema: Send an object, or true or false."


@pytest.mark.usefixtures("unchanged")
def test_a_schema_over_64_kilobytes_is_too_large(gateway: Gateway) -> None:
    answer = gateway.put(f"{TYPES}/large", {"schema": {"enum": ["x" * 64_000]}})
    assert (answer.status, answer.code) == (413, "schema_too_large")


@pytest.mark.usefixtures("unchanged")
def test_a_schema_that_is_nested_too_deep_is_refused(gateway: Gateway) -> None:
    assert gateway.put(f"{TYPES}/deep", {"schema": deep(70)}).code == "malformed_json"


def test_events_follow_the_schema_from_then_on(gateway: Gateway) -> None:
    gateway.put(f"{TYPES}/checked", {"schema": SCHEMA, "mode": "reject"})
    gateway.handlers.pop("events", None)  # a function that starts now, and knows no older schemas
    event = {"unit_id": "u", "type": "checked", "properties": {"sku": 5}}
    answer = gateway.post("/v1/events", event, token="local-client")
    assert answer.status == 422
    assert gateway.post("/v1/events", event | {"properties": {"sku": "a1"}}, token="local-client").status == 202


@pytest.mark.parametrize(("name", "value"), [("limit", "0"), ("cursor", "x")])
def test_a_bad_query_parameter_is_named(gateway: Gateway, name: str, value: str) -> None:
    answer = gateway.get(TYPES, query={name: value})
    assert (answer.status, answer.faults) == (422, [(["query", name], f"{name}_invalid")])
