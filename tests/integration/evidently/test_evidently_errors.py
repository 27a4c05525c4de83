"""Errors as AWS's SDKs read them: a status, the exception's name in a header, and a message."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest

from fairsplit.http.routes import OPTIONAL
from tests.gateway import Answer, Gateway
from tests.integration.evidently.asking import CUSTOM, Evidently, load_time, requests_of, signed
from tests.integration.experiments.making import create_in
from tests.store_faults import fault, throttling_all

pytestmark = pytest.mark.engine
PATHS = sorted(path.format(project="p", name="n", feature="f") for _, path, _ in OPTIONAL)


def error_of(answer: Answer) -> tuple[int, str]:
    """Status and exception of an answer that has a message, and nothing else."""
    assert list(answer.body) == ["message"], answer
    return answer.status, answer.headers["x-amzn-errortype"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers", [{}, signed("wrong"), signed("local-analyst"), {"authorization": "Bearer local-client"}]
)
def test_only_a_clients_token_as_access_key_opens_a_route(gateway: Gateway, path: str, headers: dict[str, str]) -> None:
    answer = gateway.post(path, {}, token=None, headers=headers)
    assert error_of(answer) == (403, "AccessDeniedException")


@pytest.mark.parametrize("path", PATHS)
def test_a_client_and_an_admin_get_through_to_the_rules_of_a_body(gateway: Gateway, path: str) -> None:
    for token in ("local-client", "local-admin"):
        answer = gateway.post(path, {}, token=None, headers=signed(token))
        assert error_of(answer) == (400, "ValidationException")


def test_an_unknown_feature_is_not_found(evidently: Evidently) -> None:
    answer = evidently.evaluate("No.Such")
    assert error_of(answer) == (404, "ResourceNotFoundException")
    assert "no-such" in answer.body["message"]


@pytest.mark.parametrize(
    ("entity_id", "context", "named"),
    [
        (None, None, "entityId"),
        ("", None, "entityId"),
        (7, None, "entityId"),
        ("x" * 257, None, "entityId"),
        ("a\nb", None, "entityId"),
        ("ada", "[1]", "evaluationContext"),
        ("ada", "{", "evaluationContext"),
        ("ada", 7, "evaluationContext"),
        ("ada", {"a": "x" * 8_192}, "evaluationContext"),
        ("ada", '{"a": "\\ud800"}', "evaluationContext"),
    ],
)
def test_what_is_wrong_with_an_evaluation_is_named(
    evidently: Evidently, entity_id: Any, context: Any, named: str
) -> None:
    answer = evidently.evaluate("f", entity_id, context=context)
    assert error_of(answer) == (400, "ValidationException")
    assert answer.body["message"].startswith(named)


@pytest.mark.parametrize("feature", ["x" * 128, "a%20b", "gr%C3%BCn", "a:b"])
def test_a_name_that_evidently_would_not_take_is_refused(evidently: Evidently, feature: str) -> None:
    assert error_of(evidently.evaluate(feature)) == (400, "ValidationException")


@pytest.mark.parametrize(
    ("requests", "named"),
    [
        (None, "requests has"),
        ([], "requests has"),
        (requests_of("ada", ["f"] * 21), "requests has"),
        (["f"], "requests[0] has"),
        ([*requests_of("ada", ["f"]), {"feature": "f"}], "requests[1].entityId"),
        ([{"entityId": "ada"}], "requests[0].feature"),
        ([{"entityId": "ada", "feature": "f", "evaluationContext": "no"}], "requests[0].evaluationContext"),
    ],
)
def test_what_is_wrong_with_a_batch_is_named_with_its_place(evidently: Evidently, requests: Any, named: str) -> None:
    answer = evidently.batch(requests)
    assert error_of(answer) == (400, "ValidationException")
    assert answer.body["message"].startswith(named)


@pytest.mark.parametrize("events", [None, {}, [load_time(1)] * 51])
def test_a_call_has_a_list_of_at_most_fifty_events(evidently: Evidently, events: Any) -> None:
    assert error_of(evidently.put(events)) == (400, "ValidationException")


@pytest.mark.parametrize(
    "event",
    [
        *(None, 5, "text", [], {}),
        *({"type": "other", "timestamp": 1, "data": "{}"}, {"type": CUSTOM, "data": "{}"}),
        *({"type": CUSTOM, "timestamp": one, "data": "{}"} for one in (None, True, "now", 1e18, -1e18, 10**300)),
        *({"type": CUSTOM, "timestamp": 1, "data": one} for one in (None, 5, "", "[]", "{", '{"a": "\\ud800"}')),
    ],
)
def test_an_event_of_any_form_is_no_error_of_ours(evidently: Evidently, event: Any) -> None:
    answer = evidently.put([event])
    assert (answer.status, answer.body["failedEventCount"]) == (200, 1)
    assert answer.body["eventResults"][0].keys() == {"errorCode", "errorMessage"}


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b'{"a": NaN}', b"[" * 10_000, b'"x"'])
def test_a_body_that_cannot_be_read_is_refused(evidently: Evidently, raw: bytes) -> None:
    for path in PATHS:
        assert error_of(evidently.send(path, None, raw=raw)) == (400, "ValidationException")


def test_a_rate_that_is_used_up_is_throttling(gateway: Gateway) -> None:
    key = create_in(gateway, "active")["key"]
    token = gateway.post("/v1/tokens", {"name": "slow", "role": "client", "rate_per_second": 0.001}).body["token"]
    slow = Evidently(gateway, token)
    assert slow.evaluate(key).status == 200
    answer = slow.evaluate(key)
    assert error_of(answer) == (429, "ThrottlingException")
    assert int(answer.headers["retry-after"]) >= 1


def test_a_store_that_throttles_is_a_service_that_is_unavailable(
    gateway: Gateway, evidently: Evidently, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    key = create_in(gateway, "active")["key"]
    evidently.evaluate(key, "warm")
    with fault(evidently.client, throttling_all, "PutItem"):
        assert error_of(evidently.evaluate(key, "new")) == (503, "ServiceUnavailableException")


def test_a_fault_of_ours_is_told_without_its_details(
    evidently: Evidently, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(*_: Any) -> None:
        raise RuntimeError("secret")

    evidently.evaluate("f")
    monkeypatch.setattr(type(gateway.globals_of("evidently")["assigning"]), "assign", break_down)
    answer = evidently.evaluate("f")
    assert error_of(answer) == (500, "InternalServerException")
    assert "secret" not in answer.body["message"]
    assert [record.name for record in caplog.records] == ["evidently"]


def test_nothing_of_a_request_is_logged(
    gateway: Gateway, evidently: Evidently, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "evidently")
    key = create_in(gateway, "active")["key"]
    evidently.evaluate(key, "swordfish", context='{"swordfish": "swordfish"}')
    evidently.put([load_time(1, "swordfish"), {"swordfish": 1}])
    assert [word for word in ("swordfish", "local-client") if word in caplog.text] == []


def test_a_path_with_a_line_break_behind_it_is_no_route(evidently: Evidently) -> None:
    assert error_of(evidently.evaluate("f%0A")) == (404, "ResourceNotFoundException")
