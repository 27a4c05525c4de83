"""What may be sent with PUT .../assignments/{unit_id}, and by whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateway import Gateway
from tests.integration.assignments.asking import ANALYST, CLIENT, Asking, Stored, assignments_path
from tests.integration.experiments.making import create_in

pytestmark = pytest.mark.engine
LARGEST = {"attributes": {"x": "y" * (8_192 - len('{"x":""}'))}}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> str:
    """An experiment that asks for attributes."""
    return str(create_in(gateway, "active", targeting={"x": {"$ne": "no"}}, dimensions=["x", "country"])["key"])


@pytest.fixture
def unstored(stored: Stored, key: str) -> Iterator[None]:
    """The test stores no assignment."""
    before = stored.units(key)
    yield
    assert stored.units(key) == before


@pytest.mark.parametrize("body", [None, {}, {"attributes": {}}, {"attributes": None}, LARGEST], ids=range(5))
def test_the_body_is_optional_and_so_are_attributes(asking: Asking, key: str, body: Any) -> None:
    assert asking.assign(key, "u-1", body).body["reason"] == "assigned"


@pytest.mark.usefixtures("unstored")
@pytest.mark.parametrize("attributes", ["DE", 5, [], True, ["x"]])
def test_attributes_that_are_no_object_are_refused(asking: Asking, key: str, attributes: Any) -> None:
    answer = asking.assign(key, "new", {"attributes": attributes})
    assert (answer.status, answer.faults) == (422, [(["attributes"], "invalid_type")])


@pytest.mark.usefixtures("unstored")
def test_attributes_over_8_kilobytes_are_refused(asking: Asking, key: str) -> None:
    answer = asking.assign(key, "new", {"attributes": {"x": LARGEST["attributes"]["x"] + "y"}})
    assert (answer.status, answer.faults) == (422, [(["attributes"], "attributes_too_large")])


def test_attributes_are_measured_in_utf_8_bytes(asking: Asking, key: str) -> None:
    assert asking.assign(key, "u-1", {"attributes": {"x": "🙂" * 2_000}}).status == 200
    assert asking.assign(key, "u-1", {"attributes": {"x": "🙂" * 2_050}}).code == "attributes_too_large"


@pytest.mark.usefixtures("unstored")
@pytest.mark.parametrize("name", ["attribute", "variant", "unit_id", ""])
def test_a_field_that_is_unknown_is_named(asking: Asking, key: str, name: str) -> None:
    answer = asking.assign(key, "new", {"attributes": {}, name: 1})
    assert (answer.status, answer.faults) == (422, [([name], "unknown_field")])


@pytest.mark.usefixtures("unstored")
@pytest.mark.parametrize("raw", [b"{", b"[]", b"null", b"5", b"\xff", b'{"attributes": {"x": NaN}}', b"[" * 99_999])
def test_a_body_that_is_no_object_is_malformed(asking: Asking, key: str, raw: bytes) -> None:
    answer = asking.assign(key, "new", raw=raw)
    assert (answer.status, answer.code) == (400, "malformed_json")


@pytest.mark.usefixtures("unstored")
def test_a_body_over_a_megabyte_is_too_large(asking: Asking, key: str) -> None:
    assert asking.assign(key, "new", {"attributes": {"x": "y" * 1_000_000}}).status == 413


@settings(max_examples=40, deadline=None)
@given(JSON.map(lambda value: {"attributes": value}) | JSON | st.dictionaries(st.sampled_from("xy"), JSON))
def test_whatever_is_sent_the_answer_is_never_a_server_error(asking: Asking, key: str, body: Any) -> None:
    assert asking.assign(key, "u-1", raw=json.dumps(body).encode()).status in {200, 400, 422}


@pytest.mark.usefixtures("unstored")
@pytest.mark.parametrize(
    ("method", "path", "token", "status"),
    [
        ("PUT", "/new", ANALYST, 403),
        ("PUT", "/new", None, 401),
        ("PUT", "/new", "wrong", 401),
        ("GET", "/u-1", CLIENT, 403),
        ("GET", "", CLIENT, 403),
        ("GET", "", None, 401),
        ("POST", "", CLIENT, 403),
        ("POST", "", ANALYST, 403),
        ("POST", "", None, 401),
    ],
)
def test_a_token_opens_only_what_its_role_allows(
    gateway: Gateway, key: str, method: str, path: str, token: str | None, status: int
) -> None:
    body = {"items": [{"unit_id": "new"}]} if method == "POST" else None
    assert gateway.send(method, assignments_path(key) + path, body, token=token).status == status
