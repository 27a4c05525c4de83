"""A service in memory that keeps experiments, and answers the results it is given."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from local.hillstrom import EXPECTED
from local.http_client import LOCAL_TOKENS, Service

RESULTS: dict[str, Any] = {
    "summary": {"units": 64_000, "events": 9_972},
    "variants": [
        {
            "key": key,
            "units": arm.units,
            "metrics": {
                "visit": {"sum": arm.visits},
                "conversion": {"sum": arm.conversions},
                "spend": {"sum": float(arm.spend)},
            },
        }
        for key, arm in EXPECTED.items()
    ],
    "comparisons": [],
}
NO_RESULTS: dict[str, Any] = {"summary": {"units": 0, "events": 0}, "variants": [], "comparisons": []}


class FakeService:
    """Experiments by key, their results, and what is to be throttled once."""

    def __init__(self) -> None:
        self.experiments: dict[str, dict[str, Any]] = {}
        self.results: dict[str, list[dict[str, Any]]] = {}
        self.rejections: list[list[dict[str, Any]]] = []
        self.events: list[list[dict[str, Any]]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else {}
        match request.method, *request.url.path.split("/")[2:]:
            case "POST", "experiments":
                return self._create(body)
            case "GET", "experiments", key:
                return httpx.Response(200, json=self.experiments[key])
            case "GET", "experiments", key, "results":
                readings = self.results.setdefault(key, [NO_RESULTS])
                return httpx.Response(200, json=readings.pop(0) if len(readings) > 1 else readings[0])
            case "POST", "experiments", key, "transitions":
                return self._move(key, body["to"])
            case "POST", "events":
                self.events.append(body["events"])
                rejected = self.rejections.pop(0) if self.rejections else []
                return httpx.Response(202, json={"accepted": len(body["events"]) - len(rejected), "rejected": rejected})
        raise AssertionError(f"no such call: {request.method} {request.url}")

    def _create(self, body: dict[str, Any]) -> httpx.Response:
        if body["key"] in self.experiments:
            return httpx.Response(409, json={"code": "key_taken", "detail": "The key is taken."})
        self.experiments[body["key"]] = {"status": "draft", **body}
        return httpx.Response(201, json=self.experiments[body["key"]])

    def _move(self, key: str, status: str) -> httpx.Response:
        if self.experiments[key]["status"] != "draft":
            return httpx.Response(409, json={"code": "transition_not_allowed", "detail": "Not from here."})
        self.experiments[key]["status"] = status
        return httpx.Response(200, json=self.experiments[key])


@contextmanager
def connected(fake: Callable[[httpx.Request], httpx.Response]) -> Iterator[Service]:
    """A client of the fake whose clock moves only while it sleeps."""
    passed = [0.0]
    with httpx.Client(base_url="http://service", transport=httpx.MockTransport(fake)) as http:
        yield Service(
            http,
            LOCAL_TOKENS,
            sleep=lambda seconds: passed.__setitem__(0, passed[0] + seconds),
            clock=lambda: passed[0],
        )
