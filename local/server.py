"""The HTTP server of 127.0.0.1: connections that are kept alive, each in a thread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.chunks import BrokenBodyError, read_body, skip_body
from local.payloads import Answer, Request, message

LARGEST_BODY = 10 * 1024 * 1024
WITHOUT_BODY = frozenset({204, 304})


class Server(ThreadingHTTPServer):
    """Hands each request to `answer`."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, answer: Callable[[Request], Answer]) -> None:
        self.answer = answer
        super().__init__(("127.0.0.1", port), Handler)

    def start(self) -> None:
        """Take requests, in a thread."""
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def stop(self) -> None:
        """Take no more; what is under way goes on."""
        self.shutdown()
        self.server_close()

    def server_bind(self) -> None:
        """Bind without asking the resolver for our name, even where connections of a killed service linger."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: the client went away."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "fairsplit"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece
    timeout = 75
    server: Server

    def handle_any(self) -> None:
        """One request."""
        try:
            body = read_body(self.rfile, self.headers, LARGEST_BODY)
        except BrokenBodyError:
            self.close_connection = True
            return self._send(message(400, "Bad Request"))
        if body is None:
            self.close_connection = True
            skip_body(self.rfile, self.headers)
            return self._send(message(413, "Request Entity Too Large"))
        request = Request(self.command, self.path, list(self.headers.items()), body, self.client_address[0])
        return self._send(self.server.answer(request), ("apigw-requestid", request.id))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = handle_any  # noqa: N815 - http.server's

    def _send(self, answer: Answer, *more: tuple[str, str]) -> None:
        self.send_response(answer.status)
        for name, value in (*answer.headers, *more):
            self.send_header(name, value)
        if answer.status not in WITHOUT_BODY:
            self.send_header("content-length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD" and answer.status not in WITHOUT_BODY:
            self.wfile.write(answer.body)
        self.wfile.flush()

    def log_message(self, *_arguments: Any) -> None:
        """Nothing: the functions log."""
