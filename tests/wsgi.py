"""The functions behind API Gateway as a WSGI application in this process, for tools that call one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from local.payloads import Request, to_answer, to_event
from tests.gateway import CONTEXT, Gateway, function_of

Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], object]


def application(gateway: Gateway) -> Callable[[Environ, Start], Iterable[bytes]]:
    """An application that hands each request to the function that has its route."""

    def answer(environ: Environ, start: Start) -> Iterable[bytes]:
        request = _request(environ)
        handler = gateway.globals_of(function_of(request.method, request.path))["lambda_handler"]
        found = to_answer(json.dumps(handler(to_event(request, "$default", {}), CONTEXT)).encode())
        start(f"{found.status} {HTTPStatus(found.status).phrase}", found.headers)
        return [found.body]

    return answer


def _request(environ: Environ) -> Request:
    headers = [
        (name.removeprefix("HTTP_").replace("_", "-").lower(), str(value))
        for name, value in environ.items()
        if name.startswith("HTTP_") or name == "CONTENT_TYPE"
    ]
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return Request(environ["REQUEST_METHOD"], environ["REQUEST_URI"], headers, body)
