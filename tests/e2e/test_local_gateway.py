"""HTTP reaches functions in AWS's runtime client, and comes back, as through API Gateway and Lambda."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from local.service import Service
from tests.e2e.local_stack import copies, eventually, small_service

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with small_service(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture(scope="module")
def http(service: Service) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service.url, timeout=30) as client:
        yield client


def echoed(answer: httpx.Response) -> Any:
    assert answer.status_code == 200
    return answer.json()["event"]


def test_a_function_has_its_environment_and_its_time(http: httpx.Client) -> None:
    seen = http.get("/echo/x").json()
    assert (seen["name"], seen["memory"], seen["region"]) == ("WebFunction", "128", "us-east-1")
    assert 0 < seen["milliseconds"] <= 2000
    assert http.get("/v1/health").json()["greeting"] == "hello from us-east-1"


def test_an_event_has_the_shape_of_payload_format_2(http: httpx.Client) -> None:
    headers = [("X-One", "a"), ("X-One", "b"), ("Cookie", "c=1; d=2")]
    event = echoed(http.get("/echo/an%20item?q=1&q=2&empty=", headers=headers))
    assert (event["version"], event["routeKey"]) == ("2.0", "ANY /echo/{name}")
    assert event["rawPath"] == "/echo/an item"
    assert event["pathParameters"] == {"name": "an item"}
    assert event["rawQueryString"] == "q=1&q=2&empty="
    assert event["queryStringParameters"] == {"q": "1,2", "empty": ""}
    assert event["headers"]["x-one"] == "a,b"
    assert event["cookies"] == ["c=1", "d=2"]
    assert event["requestContext"]["http"]["method"] == "GET"
    assert event["requestContext"]["stage"] == "$default"
    assert event["isBase64Encoded"] is False


def test_a_body_is_text_where_its_type_is_and_base64_elsewhere(http: httpx.Client) -> None:
    text = echoed(http.post("/echo/x", json={"a": "ä"}))
    raw = echoed(http.post("/echo/x", content=b"\x00\xff", headers={"content-type": "application/octet-stream"}))
    assert (text["isBase64Encoded"], text["body"]) == (False, '{"a":"ä"}')
    assert (raw["isBase64Encoded"], base64.b64decode(raw["body"])) == (True, b"\x00\xff")


def test_a_body_in_chunks_arrives_whole(http: httpx.Client) -> None:
    event = echoed(http.post("/echo/x", content=iter([b"one ", b"two"]), headers={"content-type": "text/plain"}))
    assert event["body"] == "one two"


def test_the_largest_body_passes_and_one_byte_more_is_too_large(http: httpx.Client) -> None:
    refused = http.post("/echo/x", content=b"x" * (10 * 1024 * 1024 + 1))
    assert (refused.status_code, refused.json()) == (413, {"message": "Request Entity Too Large"})


@pytest.mark.parametrize("path", ["/", "/echo", "/echo/a/b", "/items/x"])
def test_a_path_without_a_route_is_not_found(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/fault/raise", 500, "Internal Server Error"),
        ("/fault/nonsense", 500, "Internal Server Error"),
        ("/fault/exit", 500, "Internal Server Error"),
        ("/broken", 500, "Internal Server Error"),
        ("/fault/sleep", 503, "Service Unavailable"),
    ],
)
def test_a_function_that_fails_is_answered_for_and_the_next_call_works(
    http: httpx.Client, path: str, status: int, message: str
) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.json()) == (status, {"message": message})
    assert http.get("/echo/x").status_code == 200


def test_what_went_wrong_is_said_in_a_line(service: Service, http: httpx.Client) -> None:
    http.get("/fault/raise")
    http.get("/broken")
    assert "WebFunction: Unhandled: RuntimeError: on purpose" in service.output
    assert "BrokenFunction: does not start: ValueError: no such luck" in service.output


def test_the_gateway_answers_a_preflight_itself(http: httpx.Client) -> None:
    asked = {"origin": "https://shop.example", "access-control-request-method": "PUT"}
    answer = http.options("/items/x", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["access-control-allow-methods"] == "GET,PUT"
    assert answer.headers["access-control-max-age"] == "60"


def test_another_origin_gets_no_cors_headers(http: httpx.Client) -> None:
    asked = {"origin": "https://else.example", "access-control-request-method": "PUT"}
    for answer in (http.options("/items/x", headers=asked), http.get("/echo/x", headers=asked)):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_many_clients_at_once_are_all_answered(service: Service) -> None:
    def call(number: int) -> str:
        with httpx.Client(base_url=service.url, timeout=60) as client:
            return "".join(str(client.get(f"/echo/{number}").json()["event"]["pathParameters"]["name"]) for _ in "12")

    with ThreadPoolExecutor(64) as pool:
        assert list(pool.map(call, range(64))) == [f"{number}{number}" for number in range(64)]


def test_one_function_runs_at_once_when_it_is_invoked(service: Service) -> None:
    assert service.invoke("tick", {"source": "a test"}) == {"said": "a test"}
    with pytest.raises(RuntimeError, match="KeyError"):
        service.invoke("TickFunction", {})


def test_an_invocation_of_no_function_names_those_there_are(service: Service) -> None:
    functions = f"http://127.0.0.1:{service.port}/2015-03-31/functions"
    unknown = httpx.post(f"{functions}/nobody/invocations", content=b"{}")
    assert unknown.status_code == 404
    assert "TickFunction, WebFunction" in unknown.json()["message"]
    assert httpx.post(f"{functions}/tick/invocations", content=b"no json").status_code == 400
    assert httpx.get(f"{functions}/tick").status_code == 404


def test_the_scheduler_calls_at_the_start(service: Service) -> None:
    assert eventually(lambda: "tick by aws.scheduler" in copies(service))


def test_only_this_machine_can_call(service: Service) -> None:
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.2:{service.port}/v1/health")
