"""Requests to the handlers that Lambda calls, as API Gateway hands them over (payload 2.0), in this process."""

from __future__ import annotations

import base64
import importlib
import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from fairsplit.domain.token import Role
from fairsplit.http.routes import OPTIONAL, ROUTES
from local.payloads import Request, to_event
from local.tokens import SECRETS

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
REQUEST_ID = "request-1"
CONTEXT = SimpleNamespace(
    function_name="test",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:test",
    aws_request_id="invocation-1",
    get_remaining_time_in_millis=lambda: 15_000,
)


def environment(tables: Mapping[str, str]) -> dict[str, str]:
    """What template.yaml gives to handlers, with the names of these tables."""
    names = {f"{key.removesuffix('Table').upper()}_TABLE": name for key, name in tables.items()}
    settings = {"EVENT_RETENTION_DAYS": "480", "EVIDENTLY_ENTITY_ID_KEY": "userDetails.userId"}
    return names | settings | {"STAGE": "test", "POWERTOOLS_SERVICE_NAME": "fairsplit"}


def load(function: str) -> Handler:
    """The function's handler, imported anew, so that it reads the environment as it is now."""
    name = f"functions.{function}.handler"
    sys.modules.pop(name, None)
    handler: Handler = importlib.import_module(name).lambda_handler
    return handler


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is the JSON of it; None where it is empty."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str:
        """The problem's code."""
        return str(self.body["code"])

    @property
    def faults(self) -> list[tuple[list[str | int], str]]:
        """The problem's errors as (loc, code)."""
        return [(one["loc"], one["code"]) for one in self.body["errors"]]


@dataclass(frozen=True)
class Gateway:
    """Hands each request to the function that has its route."""

    handlers: dict[str, Handler] = field(default_factory=dict)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = SECRETS[Role.ADMIN],
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """Send a JSON body, or a raw one as it is."""
        sent = {"content-type": "application/json", **({"authorization": f"Bearer {token}"} if token else {})}
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        target = f"{path}?{urlencode(query)}" if query else path
        request = Request(method, target, list((sent | dict(headers or {})).items()), content, id=REQUEST_ID)
        return self.send_event(to_event(request, "$default", {}))

    def send_event(self, event: dict[str, Any]) -> Answer:
        """Hand over a whole event."""
        http = event["requestContext"]["http"]
        return _read(self._handler(function_of(http["method"], http["path"]))(event, CONTEXT))

    def get(self, path: str, **how: Any) -> Answer:
        return self.send("GET", path, **how)

    def post(self, path: str, body: Any = None, **how: Any) -> Answer:
        return self.send("POST", path, body, **how)

    def put(self, path: str, body: Any = None, **how: Any) -> Answer:
        return self.send("PUT", path, body, **how)

    def patch(self, path: str, body: Any = None, **how: Any) -> Answer:
        return self.send("PATCH", path, body, **how)

    def delete(self, path: str, **how: Any) -> Answer:
        return self.send("DELETE", path, **how)

    def globals_of(self, function: str) -> dict[str, Any]:
        """What the function's module holds: its client, its caches, its clock."""
        seen: dict[str, Any] = self._handler(function).__globals__
        return seen

    def _handler(self, function: str) -> Handler:
        if function not in self.handlers:
            self.handlers[function] = load(function)
        return self.handlers[function]


def function_of(method: str, path: str) -> str:
    """The function whose route takes the request; the site has $default."""
    routes = [*ROUTES, *OPTIONAL]
    found = (one for allowed, template, one in routes if allowed == method and _pattern(template).fullmatch(path))
    return next(found, "site")


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", template))


def _read(answer: dict[str, Any]) -> Answer:
    text = answer.get("body") or ""
    if answer.get("isBase64Encoded"):
        text = base64.b64decode(text).decode()
    headers = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
    is_text = headers.get("content-type", "").startswith("text/")
    return Answer(answer["statusCode"], headers, text if is_text else json.loads(text) if text else None)
