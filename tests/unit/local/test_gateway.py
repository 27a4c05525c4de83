"""Requests go to the function of the best route, and failures get the gateway's own answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.gateway import Gateway
from local.payloads import Answer, Request
from local.replies import Failure, Reply
from local.templates import Function, Template

ROUTES = {
    "Fixed": ("GET", "/units/all"),
    "One": ("GET", "/units/{id}"),
    "Any": ("ANY", "/units/{id}"),
    "Deep": ("GET", "/units/{id}/events/{event}"),
    "Greedy": ("GET", "/files/{path+}"),
}
CORS = {"AllowOrigins": ["https://a.example"], "AllowMethods": ["GET"], "AllowHeaders": ["x"], "MaxAge": 5}


class Echo:
    """Functions that answer with their name and the event's route and parameters, or as they are told."""

    def __init__(self, reply: Reply | None = None) -> None:
        self.reply = reply

    def invoke(self, name: str, payload: bytes) -> Reply:
        event = json.loads(payload)
        said = json.dumps([name, event["routeKey"], event.get("pathParameters", {})]).encode()
        return self.reply or Reply(said)


def gateway(routes: Any = ROUTES, reply: Reply | None = None, cors: Any = None) -> Gateway:
    properties = {"CorsConfiguration": cors} if cors else {}
    document = {"Resources": {"Api": {"Type": "AWS::Serverless::HttpApi", "Properties": properties}}}
    functions = [
        Function(
            name=name,
            folder=Path(),
            handler="",
            timeout=1,
            memory=1,
            environment={},
            events={"Route": {"Type": "HttpApi", "Properties": {"Method": method, "Path": path} if path else {}}},
        )
        for name, (method, path) in routes.items()
    ]
    return Gateway(Template(document, Path()), functions, Echo(reply))


def ask(asked: Gateway, method: str, path: str, **headers: str) -> Answer:
    named = [(name.replace("_", "-"), text) for name, text in headers.items()]
    return asked.answer(Request(method, path, named, b""))


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/units/all", ["Fixed", "GET /units/all", {}]),
        ("GET", "/units/7", ["One", "GET /units/{id}", {"id": "7"}]),
        ("PUT", "/units/7", ["Any", "ANY /units/{id}", {"id": "7"}]),
        ("GET", "/units/a%20b", ["One", "GET /units/{id}", {"id": "a b"}]),
        ("GET", "/units/7/events/8", ["Deep", "GET /units/{id}/events/{event}", {"id": "7", "event": "8"}]),
        ("GET", "/files/a/b.js", ["Greedy", "GET /files/{path+}", {"path": "a/b.js"}]),
    ],
)
def test_the_most_exact_route_answers(method: str, path: str, expected: Any) -> None:
    assert json.loads(ask(gateway(), method, path).body) == expected


@pytest.mark.parametrize("path", ["/", "/units", "/units/", "/units/7/", "/units/7/events", "/files/", "/Units/7"])
def test_no_route_is_404_and_goes_to_the_default_where_there_is_one(path: str) -> None:
    assert ask(gateway(), "GET", path).status == 404
    with_default = gateway({**ROUTES, "Site": ("ANY", None)})
    assert json.loads(ask(with_default, "GET", path).body) == ["Site", "$default", {}]


@pytest.mark.parametrize(
    ("failure", "status", "text"),
    [
        (Failure.UNHANDLED, 500, "Internal Server Error"),
        (Failure.CRASH, 500, "Internal Server Error"),
        (Failure.TIMEOUT, 503, "Service Unavailable"),
        (Failure.THROTTLED, 503, "Service Unavailable"),
        (Failure.STOPPING, 503, "Service Unavailable"),
    ],
)
def test_a_failure_has_the_gateways_own_answer(failure: Failure, status: int, text: str) -> None:
    answer = ask(gateway(reply=Reply(b"{}", failure)), "GET", "/units/7")
    assert (answer.status, json.loads(answer.body)) == (status, {"message": text})


def test_an_answer_that_is_no_response_is_500() -> None:
    assert ask(gateway(reply=Reply(b'{"statusCode": "x"}')), "GET", "/units/7").status == 500


def cors_headers(answer: Answer) -> dict[str, str]:
    return {name: text for name, text in answer.headers if name.startswith("access-control-")}


def test_a_preflight_reaches_no_function() -> None:
    asked = gateway({**ROUTES, "Site": ("ANY", None)}, cors=CORS)
    answer = ask(asked, "OPTIONS", "/units/7", origin="https://a.example", access_control_request_method="GET")
    assert (answer.status, answer.body) == (204, b"")
    assert cors_headers(answer) == {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-methods": "GET",
        "access-control-allow-headers": "x",
        "access-control-max-age": "5",
    }


def test_options_without_a_preflights_headers_goes_its_way() -> None:
    assert ask(gateway(cors=CORS), "OPTIONS", "/units/7").status == 200


def test_the_gateways_cors_headers_replace_the_functions() -> None:
    response = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "https://evil.example"}}
    asked = gateway(reply=Reply(json.dumps(response).encode()), cors={**CORS, "ExposeHeaders": ["etag"]})
    allowed, other = (ask(asked, "GET", "/units/7", origin=f"https://{one}.example") for one in "ab")
    assert cors_headers(allowed) == {
        "access-control-allow-origin": "https://a.example",
        "access-control-expose-headers": "etag",
    }
    assert cors_headers(other) == {}


def test_any_origin_is_answered_with_a_star() -> None:
    answer = ask(gateway(cors={"AllowOrigins": ["*"]}), "GET", "/units/7", origin="https://x.example")
    assert cors_headers(answer) == {"access-control-allow-origin": "*"}
