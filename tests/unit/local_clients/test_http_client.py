"""Calls survive a service that is busy or restarts, and fail clearly when it stays away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from local.http_client import LOCAL_TOKENS, CallError, Service, UnreachableError

OK = httpx.Response(200, json={"status": "ok"})
Step = httpx.Response | httpx.TransportError


class Clock:
    """Time that passes only in sleep."""

    def __init__(self) -> None:
        self.time = 0.0
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.naps.append(seconds)


def scripted(steps: Iterator[Step]) -> Callable[[httpx.Request], httpx.Response]:
    def answer(_request: httpx.Request) -> httpx.Response:
        step = next(steps)
        if isinstance(step, httpx.TransportError):
            raise step
        return step

    return answer


@contextmanager
def service(answer: Callable[[httpx.Request], httpx.Response], clock: Clock | None = None) -> Iterator[Service]:
    time = clock or Clock()
    with httpx.Client(base_url="http://service", transport=httpx.MockTransport(answer)) as http:
        yield Service(http, LOCAL_TOKENS, patience=60, sleep=time.sleep, clock=lambda: time.time)


def test_a_call_waits_as_long_as_the_service_asks() -> None:
    clock = Clock()
    with service(scripted(iter([httpx.Response(503, headers={"retry-after": "7"}), OK])), clock) as one:
        assert one.call("client", "GET", "/v1/health") == {"status": "ok"}
    assert clock.naps == [7]


def test_a_call_survives_a_restart() -> None:
    down: list[Step] = [httpx.ReadError("killed"), httpx.ConnectError("refused"), httpx.Response(502)]
    with service(scripted(iter([*down, OK]))) as one:
        assert one.call("client", "GET", "/v1/health") == {"status": "ok"}


def test_pauses_between_tries_grow() -> None:
    clock = Clock()
    with service(scripted(iter([httpx.Response(429)] * 4 + [OK])), clock) as one:
        one.call("client", "GET", "/v1/health")
    assert clock.naps == [0.1, 0.2, 0.4, 0.8]


def test_a_service_that_stays_away_is_reported_with_its_address() -> None:
    def refuse(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    clock = Clock()
    with service(refuse, clock) as one, pytest.raises(UnreachableError, match="http://service is not answering"):
        one.call("client", "GET", "/v1/health")
    assert clock.time <= 60


def test_a_refusal_carries_its_status_and_code_and_is_not_tried_again() -> None:
    problem = httpx.Response(409, json={"code": "key_taken", "detail": "The key is taken."})
    with service(scripted(iter([problem]))) as one, pytest.raises(CallError, match="key_taken") as caught:
        one.call("admin", "POST", "/v1/experiments", {})
    assert (caught.value.status, caught.value.code) == (409, "key_taken")


def test_a_refusal_that_is_no_problem_document_is_quoted() -> None:
    page = httpx.Response(413, text="Request Entity Too Large")
    with service(scripted(iter([page]))) as one, pytest.raises(CallError, match="413 unknown: Request Entity"):
        one.call("admin", "POST", "/v1/experiments", {})


def test_each_role_sends_its_own_token() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=request.headers["authorization"])

    with service(echo) as one:
        assert one.call("analyst", "GET", "/") == "Bearer local-analyst"
