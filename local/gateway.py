"""The HTTP API: routes and CORS from the template, each request to the function of its route."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.chunks import read_body
from local.payloads import Answer, Request, message, to_answer, to_event
from local.templates import Function, Template
from local.workers import Invoker

LARGEST_BODY = 10 * 1024 * 1024
DEFAULT = "$default"


@dataclass(frozen=True)
class Route:
    """A route of the template and its function."""

    method: str
    path: str
    function: str

    @property
    def key(self) -> str:
        return DEFAULT if self.path == DEFAULT else f"{self.method} {self.path}"

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The path's parameters where method and path are the route's; else None."""
        if self.method not in {method, "ANY"}:
            return None
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        found = re.fullmatch(pattern, path)
        return found.groupdict() if found else None


def routes(functions: list[Function]) -> list[Route]:
    """All routes: those without parameters first, as the gateway prefers them, the default one last."""
    found = []
    for function in functions:
        for event in function.events.values():
            if event["Type"] == "HttpApi":
                properties = event.get("Properties") or {}
                method = str(properties.get("Method", "ANY")).upper()
                found.append(Route(method, properties.get("Path", DEFAULT), function.name))
    return sorted(found, key=lambda route: (route.path == DEFAULT, route.path.count("{"), route.path))


class Gateway:
    """Answers requests as API Gateway does."""

    def __init__(self, template: Template, functions: list[Function], invoker: Invoker) -> None:
        self.routes = routes(functions)
        self.invoker = invoker
        self.cors: Any = next(
            (template.value(api.get("CorsConfiguration")) for _, api in template.resources("AWS::Serverless::HttpApi")),
            None,
        )

    def answer(self, request: Request) -> Answer:
        """The answer to one request."""
        headers = {name.lower(): value for name, value in request.headers}
        if self.cors and request.method == "OPTIONS" and "access-control-request-method" in headers:
            return Answer(204, self._preflight(headers), b"")
        answer = self._from_function(request)
        if self.cors and "origin" in headers:
            return Answer(answer.status, [*answer.headers, *self._origin(headers)], answer.body)
        return answer

    def _from_function(self, request: Request) -> Answer:
        route, parameters = self._route(request)
        if route is None:
            return message(404, "Not Found")
        event = to_event(request, route.key, parameters)
        reply = self.invoker.invoke(route.function, json.dumps(event).encode())
        if reply.error == "Timeout":
            return message(503, "Service Unavailable")
        if reply.error:
            return message(500, "Internal Server Error")
        return to_answer(reply.payload)

    def _route(self, request: Request) -> tuple[Route | None, Mapping[str, str]]:
        for route in self.routes:
            parameters = {} if route.path == DEFAULT else route.match(request.method, request.path)
            if parameters is not None:
                return route, parameters
        return None, {}

    def _origin(self, headers: Mapping[str, str]) -> list[tuple[str, str]]:
        allowed = self.cors["AllowOrigins"]
        origin = "*" if "*" in allowed else headers["origin"] if headers["origin"] in allowed else None
        if origin is None:
            return []
        exposed = ",".join(self.cors.get("ExposeHeaders", []))
        return [("access-control-allow-origin", origin), ("access-control-expose-headers", exposed)]

    def _preflight(self, headers: Mapping[str, str]) -> list[tuple[str, str]]:
        if "origin" not in headers:
            return []
        return [
            *self._origin(headers),
            ("access-control-allow-methods", ",".join(self.cors.get("AllowMethods", []))),
            ("access-control-allow-headers", ",".join(self.cors.get("AllowHeaders", []))),
            ("access-control-max-age", str(self.cors.get("MaxAge", 0))),
        ]


class Server(ThreadingHTTPServer):
    """An HTTP server on 127.0.0.1 that hands each request to `answer`."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, answer: Any) -> None:
        self.answer = answer
        super().__init__(("127.0.0.1", port), Handler)


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece
    timeout = 75
    server: Server

    def handle_any(self) -> None:
        body = read_body(self.rfile, self.headers, LARGEST_BODY)
        if body is None:
            self.close_connection = True
            return self._send(message(413, "Request Entity Too Large"))
        request = Request(self.command, self.path, list(self.headers.items()), body, self.client_address[0])
        return self._send(self.server.answer(request))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = handle_any  # noqa: N815 - http.server's

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status not in {204, 304}:
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD" and answer.status not in {204, 304}:
            self.wfile.write(answer.body)
        self.wfile.flush()

    def log_message(self, *_arguments: Any) -> None:
        """Nothing: the functions log."""
