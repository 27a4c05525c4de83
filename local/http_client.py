"""Calls to a running service: JSON over HTTP, sent again while the service is busy, restarting or out of reach.

Calls that are sent again must be idempotent; every call of the API that the commands use is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

LOCAL_TOKENS = {"admin": "local-admin", "analyst": "local-analyst", "client": "local-client"}
BUSY = frozenset({429, 502, 503, 504})
LONGEST_WAIT = 5.0  # seconds between two tries, unless Retry-After says more
TIMEOUT = httpx.Timeout(60, connect=5)


class CallError(Exception):
    """The service refused a call: its status, stable `code` and words."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code


class UnreachableError(Exception):
    """The service did not answer, or stayed busy, for longer than we wait."""


@dataclass(frozen=True)
class Service:
    """A running service, called in one of the roles `client`, `analyst` and `admin`.

    `patience` is how many seconds a call is tried again before it fails.
    """

    http: httpx.Client
    tokens: Mapping[str, str]
    patience: float = 120
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    @property
    def url(self) -> str:
        return str(self.http.base_url).rstrip("/")

    def call(self, role: str, method: str, path: str, body: object = None) -> Any:
        """The JSON of the answer.

        Raises:
            CallError: the service refused the call.
            UnreachableError: it did not answer, or stayed busy, for `patience` seconds.
        """
        return _json(self._answer(self._request(role, method, path, body)))

    def read(self, role: str, url: str) -> httpx.Response:
        """An answer that is no JSON.

        Raises:
            CallError, UnreachableError: as `call`.
        """
        answer = self._answer(self._request(role, "GET", url))
        if not answer.is_success:
            _json(answer)
        return answer

    def _request(self, role: str, method: str, path: str, body: object = None) -> httpx.Request:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"}
        return self.http.build_request(method, path, json=body, headers=headers)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        deadline = self.clock() + self.patience
        pause = 0.1
        while True:
            reason, wait = "busy", pause
            try:
                answer = self.http.send(request)
                if answer.status_code not in BUSY:
                    return answer
                reason, wait = f"busy ({answer.status_code})", _retry_after(answer) or pause
            except httpx.TransportError as error:
                reason = f"not answering ({error})"
            if self.clock() + wait > deadline:
                raise UnreachableError(f"{self.url} is {reason}")
            self.sleep(wait)
            pause = min(2 * pause, LONGEST_WAIT)


@contextmanager
def connect(url: str, token: str | None = None) -> Iterator[Service]:
    """The service at a URL, with an admin's token for every call, or else the tokens of a local service.

    Raises:
        UnreachableError: nothing answers there now.
    """
    tokens = LOCAL_TOKENS if token is None else dict.fromkeys(LOCAL_TOKENS, token)
    with httpx.Client(base_url=url, timeout=TIMEOUT) as http:
        Service(http, tokens, patience=3).call("client", "GET", "/v1/health")
        yield Service(http, tokens)


def _retry_after(answer: httpx.Response) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else 0.0


def _json(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json() if answer.content else None
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    detail = problem.get("detail") or answer.text[:200]
    raise CallError(answer.status_code, problem.get("code", "unknown"), detail)
