"""What holds for every route: tokens and roles, the shape of errors, 404, 405, and a store that throttles."""

from __future__ import annotations

import base64
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from fairsplit.http.routes import ROUTES
from tests.gateway import REQUEST_ID, Gateway
from tests.integration.experiments.making import EXPERIMENTS, body, create

pytestmark = pytest.mark.engine
OPEN = {("GET", "/v1/health")}
CALCULATIONS = {"/v1/analysis", "/v1/power"}  # which store nothing
CLIENTS = {
    ("PUT", "/v1/experiments/{key}/assignments/{unit_id}"),
    ("POST", "/v1/decisions"),
    ("POST", "/v1/events"),
    ("POST", "/ofrep/v1/evaluate/flags/{key}"),
    ("POST", "/ofrep/v1/evaluate/flags"),
}
TOKEN_IN_PATH = {("GET", "/api/features/{client_key}")}
GUARDED = sorted((method, path) for method, path, _ in ROUTES if (method, path) not in OPEN)
BY_ROLE = [one for one in GUARDED if one not in TOKEN_IN_PATH]
OURS = sorted((method, path) for method, path, function in ROUTES if function == "experiments")
SECRETS = ["wrong", "Ünicode", "\ud800", "x" * 5_000, "", " "]


def filled(path: str) -> str:
    """A path with something in each place."""
    for name in ("key", "unit_id", "type", "id", "client_key"):
        path = path.replace(f"{{{name}}}", f"some-{name.replace('_', '-')}")
    return path


def role_of(method: str, path: str) -> str:
    """Who may call a route, apart from admins."""
    if (method, path) in CLIENTS:
        return "client"
    reads = method == "GET" or path in CALCULATIONS
    return "analyst" if reads and path != "/v1/tokens" else "admin"


def is_problem(answer: Any, status: int, code: str) -> bool:
    """Whether the answer is a problem with all that problems have."""
    named = {name: answer.body[name] for name in ("status", "code", "request_id")}
    return (
        answer.status == status
        and answer.headers["content-type"] == "application/problem+json"
        and named == {"status": status, "code": code, "request_id": REQUEST_ID}
        and all(isinstance(answer.body[name], str) and answer.body[name] for name in ("type", "title", "detail"))
    )


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_without_a_known_token_every_route_is_closed(gateway: Gateway, method: str, path: str) -> None:
    for token in (None, "wrong"):
        answer = gateway.send(method, filled(path), {}, token=token)
        assert is_problem(answer, 401, "unauthenticated")
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), BY_ROLE)
@pytest.mark.parametrize("role", ["client", "analyst", "admin"])
def test_each_role_opens_its_routes_and_no_other(gateway: Gateway, method: str, path: str, role: str) -> None:
    answer = gateway.send(method, filled(path), {}, token=f"local-{role}")
    if role in {"admin", role_of(method, path)}:
        assert answer.status not in {401, 403, 500}
    else:
        assert is_problem(answer, 403, "forbidden")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("token", "status"), [(None, 401), ("wrong", 401), ("local-client", 403), ("local-analyst", 403)]
)
def test_only_admins_write(gateway: Gateway, token: str | None, status: int) -> None:
    for method, path in OURS:
        if method != "GET":
            sent = body() if path == EXPERIMENTS else {"name": "t", "role": "admin", "schema": {}}
            assert gateway.send(method, filled(path), sent, token=token).status == status


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer local-analyst"},
        {"Authorization": "bearer   local-analyst "},
        {"x-api-key": "local-analyst"},
        {"X-API-Key": "local-analyst"},
        {"authorization": "Basic dTpw", "x-api-key": "local-analyst"},
    ],
)
def test_a_token_may_come_in_either_header(gateway: Gateway, headers: dict[str, str]) -> None:
    assert gateway.get(EXPERIMENTS, token=None, headers=headers).status == 200


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_no_secret_of_any_form_is_an_error_of_ours(gateway: Gateway, secret: str) -> None:
    for headers in ({"authorization": f"Bearer {secret}"}, {"x-api-key": secret}, {"authorization": secret}):
        assert gateway.get(EXPERIMENTS, token=None, headers=headers).status == 401


def test_a_token_in_the_query_opens_nothing_here(gateway: Gateway) -> None:
    assert gateway.get(EXPERIMENTS, token=None, query={"token": "local-admin"}).status == 401


@pytest.mark.usefixtures("unchanged")
def test_errors_of_validation_name_place_code_and_what_to_do(gateway: Gateway) -> None:
    answer = gateway.post(EXPERIMENTS, body(coverage=101))
    assert is_problem(answer, 422, "out_of_range")
    assert answer.body["errors"] == [
        {"loc": ["coverage"], "code": "out_of_range", "message": "Send a number of at most 100."}
    ]


@pytest.mark.parametrize("path", ["/", "/v1", "/v2/experiments", "/v1/experiments/a/b/c/d", "/v1/experiments/", "//"])
def test_what_no_route_has_is_not_found(gateway: Gateway, path: str) -> None:
    assert is_problem(gateway.get(path, token=None), 404, "route_not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/experiments", "GET, POST"),
        ("PUT", "/v1/experiments/a", "DELETE, GET, PATCH"),
        ("GET", "/v1/experiments/a/transitions", "POST"),
        ("POST", "/v1/experiments/a/history", "GET"),
        ("PATCH", "/v1/tokens/a", "DELETE"),
        ("POST", "/v1/event-types/a", "DELETE, GET, PUT"),
        ("GET", "/v1/events", "POST"),
        ("HEAD", "/v1/health", "GET"),
        ("DELETE", "/v1/health", "GET"),
    ],
)
def test_a_path_with_another_method_says_which_are_allowed(
    gateway: Gateway, method: str, path: str, allowed: str
) -> None:
    answer = gateway.send(method, path, token=None)
    assert is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path in GUARDED if path.endswith("}")])
def test_a_line_break_behind_a_path_makes_it_no_route_and_does_nothing(
    gateway: Gateway, method: str, path: str
) -> None:
    answer = gateway.send(method, f"{filled(path)}%0A")
    if path.startswith("/ofrep/"):
        assert (answer.status, answer.body["errorCode"]) == (404, "FLAG_NOT_FOUND")
    else:
        assert is_problem(answer, 404, "route_not_found")


def test_health_needs_no_token(gateway: Gateway) -> None:
    answer = gateway.get("/v1/health", token=None)
    assert (answer.status, set(answer.body), answer.body["status"]) == (200, {"status", "version"}, "ok")


def test_a_body_may_come_as_base64(gateway: Gateway) -> None:
    event = {
        "version": "2.0",
        "rawPath": EXPERIMENTS,
        "headers": {"authorization": "Bearer local-admin"},
        "requestContext": {"http": {"method": "POST", "path": EXPERIMENTS}, "stage": "$default", "requestId": "r"},
        "isBase64Encoded": True,
    }
    encoded = base64.b64encode(json.dumps(body(name="Grün")).encode()).decode()
    assert gateway.send_event(event | {"body": encoded}).body["name"] == "Grün"
    for broken in ("%%%", "ü", "AAA"):
        assert gateway.send_event(event | {"body": broken}).status == 400


@contextmanager
def refusing(code: str, only: str | None = None, **extra: Any) -> Iterator[None]:
    """The experiments function's store answers its calls, or `only` those of a name, with that error."""
    client = sys.modules["functions.experiments.handler"].client

    def refuse(model: Any, **_: Any) -> Any:
        if only in {None, model.name}:
            return SimpleNamespace(status_code=400), {"Error": {"Code": code, "Message": "secret details"}, **extra}
        return None

    client.meta.events.register("before-call.dynamodb", refuse)
    try:
        yield
    finally:
        client.meta.events.unregister("before-call.dynamodb", refuse)


@pytest.fixture
def _experiments_function(gateway: Gateway) -> None:
    gateway.get(EXPERIMENTS)


@pytest.mark.usefixtures("_experiments_function")
@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"]
)
def test_a_store_that_throttles_is_answered_with_when_to_try_again(gateway: Gateway, code: str) -> None:
    with refusing(code):
        answers = [
            gateway.get(EXPERIMENTS),
            gateway.get(f"{EXPERIMENTS}/a"),
            gateway.post(EXPERIMENTS, body()),
            gateway.get("/v1/tokens"),
            gateway.get("/v1/event-types"),
        ]
    for answer in answers:
        assert is_problem(answer, 503, "store_busy")
        assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.usefixtures("_experiments_function")
def test_a_transaction_that_is_throttled_is_busy_and_not_a_conflict(gateway: Gateway) -> None:
    key = create(gateway)["key"]
    reasons = [{"Code": "None"}, {"Code": "ThrottlingError"}]
    with refusing("TransactionCanceledException", "TransactWriteItems", CancellationReasons=reasons):
        answers = [gateway.post(EXPERIMENTS, body()), gateway.patch(f"{EXPERIMENTS}/{key}", {"name": "Another"})]
    for answer in answers:
        assert is_problem(answer, 503, "store_busy")


@pytest.mark.usefixtures("_experiments_function")
def test_a_fault_of_ours_is_answered_without_its_details_and_logged(
    gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    with refusing("ValidationException"):
        answer = gateway.get(f"{EXPERIMENTS}/a")
    assert is_problem(answer, 500, "internal_error")
    assert "secret" not in json.dumps(answer.body)
    (record,) = caplog.records
    assert (record.levelname, record.name, vars(record)["request_id"]) == ("ERROR", "experiments", REQUEST_ID)


def test_nothing_of_a_request_is_logged(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "experiments")
    key = create(gateway, name="swordfish")["key"]
    gateway.patch(f"{EXPERIMENTS}/{key}", {"overrides": {"swordfish": "green"}}, headers={"if-match": '"1"'})
    gateway.post(EXPERIMENTS, body(name="swordfish", coverage="swordfish"))
    gateway.get(EXPERIMENTS, query={"tag": "swordfish", "limit": "swordfish"})
    gateway.get(EXPERIMENTS, token="swordfish")
    gateway.post("/v1/tokens", {"name": "swordfish", "role": "client"})
    assert [word for word in ("swordfish", "local-admin", "fs_") if word in caplog.text] == []
