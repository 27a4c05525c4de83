"""HTTP requests as API Gateway hands them to a function (payload 2.0), and the function's answers as HTTP."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")


@dataclass(frozen=True)
class Request:
    """An HTTP request as it came: the target is path and query, not decoded."""

    method: str
    target: str
    headers: Iterable[tuple[str, str]]
    body: bytes
    source_ip: str = "127.0.0.1"
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:16])

    @property
    def path(self) -> str:
        """The path as API Gateway decodes it: cut where a decoded ? stands."""
        return unquote(self.target.partition("?")[0]).partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def to_event(request: Request, route_key: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The event of a request."""
    headers = joined(request.headers) | {"x-forwarded-for": request.source_ip, "x-forwarded-proto": "http"}
    cookies = headers.pop("cookie", "")
    now = time.time()
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "local",
            "domainName": headers.get("host", "localhost"),
            "domainPrefix": "local",
            "http": {
                "method": request.method,
                "path": request.path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": request.id,
            "routeKey": route_key,
            "stage": "$default",
            "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = [cookie.strip() for cookie in cookies.split(";")]
    if query := joined(parse_qsl(request.query, keep_blank_values=True), lower=False):
        event["queryStringParameters"] = query
    if parameters:
        event["pathParameters"] = dict(parameters)
    return event | _body(request.body, headers.get("content-type", ""))


def joined(pairs: Iterable[tuple[str, str]], *, lower: bool = True) -> dict[str, str]:
    """Names with their values; one that stands several times has its values joined by commas."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name.lower() if lower else name, []).append(value)
    return {name: ",".join(many) for name, many in values.items()}


def _body(body: bytes, content_type: str) -> dict[str, Any]:
    if not body:
        return {}
    try:
        if not content_type or content_type.lower().startswith(TEXT_TYPES):
            return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        pass
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


class AnswerError(Exception):
    """What a function returned is no HTTP response."""


def to_answer(payload: bytes) -> Answer:
    """The answer of what a function returned: a response of format 2.0, or any JSON as the body of a 200.

    Raises:
        AnswerError: it is neither.
    """
    try:
        value = json.loads(payload)
        if not isinstance(value, dict) or "statusCode" not in value:
            return Answer(200, [("content-type", "application/json")], payload)
        return Answer(_status(value["statusCode"]), _headers(value), _raw(value))
    except (TypeError, ValueError, AttributeError) as error:
        raise AnswerError(str(error)) from error


def _status(value: Any) -> int:
    status = int(value)
    if not 100 <= status <= 599:
        raise ValueError(f"{status} is no status")
    return status


def _headers(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    named = {name.lower(): _text(text) for name, text in (value.get("headers") or {}).items()}
    named.pop("content-length", None)  # the gateway counts for itself
    if value.get("body"):
        named.setdefault("content-type", "text/plain;charset=UTF-8")
    return [*named.items(), *(("set-cookie", cookie) for cookie in value.get("cookies") or [])]


def _text(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "\r" in text or "\n" in text:
        raise ValueError("a header has a line break")
    return text


def _raw(value: Mapping[str, Any]) -> bytes:
    body = value.get("body") or ""
    if not isinstance(body, str):
        raise TypeError("the body is no string")
    return base64.b64decode(body, validate=True) if value.get("isBase64Encoded") else body.encode()


def message(status: int, text: str) -> Answer:
    """What the gateway itself answers."""
    return Answer(status, [("content-type", "application/json")], json.dumps({"message": text}).encode())
