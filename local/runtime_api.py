"""Lambda's runtime API, for one worker: the next invocation, and what came of it."""

from __future__ import annotations

import queue
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.chunks import read_body
from local.replies import Failure, Reply
from local.templates import Function, function_arn

LARGEST_REPLY = 6 * 1024 * 1024 + 100_000  # Lambda's limit, and room for what JSON adds
JSON = {"Content-Type": "application/json"}  # the runtime client crashes without it
TOO_LARGE = b'{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"The answer is larger than 6 MB."}'


@dataclass
class Invocation:
    """One call on its way; its time runs from when the worker takes it."""

    payload: bytes
    seconds: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    taken: float | None = None  # seconds since 1970
    replies: queue.Queue[Reply] = field(default_factory=lambda: queue.Queue(1))

    @property
    def deadline(self) -> float:
        return (self.taken or time.time()) + self.seconds

    @property
    def is_late(self) -> bool:
        return self.taken is not None and time.time() > self.deadline


class Runtime(ThreadingHTTPServer):
    """The server of one worker; `on_init_error` hears why a function does not start."""

    daemon_threads = True

    def __init__(self, function: Function, on_init_error: Callable[[bytes], None]) -> None:
        super().__init__(("127.0.0.1", 0), RuntimeHandler)
        self.function = function
        self.on_init_error = on_init_error
        self.init_error: bytes | None = None
        self.waiting: queue.Queue[Invocation | None] = queue.Queue()
        self.current: Invocation | None = None
        self.is_stopped = False
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def take(self) -> Invocation | None:
        """The next invocation, whenever it comes; None when the worker ends."""
        invocation = self.waiting.get()
        if invocation:
            invocation.taken = time.time()
            self.current = invocation
        return invocation

    def reply(self, invocation_id: str, reply: Reply) -> None:
        """Hand a reply to whoever waits for it; a late one is nobody's."""
        current = self.current
        if current and current.id == invocation_id:
            self.current = None
            current.replies.put(reply)

    def fail_to_start(self, error: bytes) -> None:
        """Remember why the function does not start."""
        self.init_error = error
        self.on_init_error(error)

    def stop(self) -> None:
        """Let go of the worker and of the port."""
        self.is_stopped = True
        self.waiting.put(None)
        with socket.create_connection(("127.0.0.1", self.server_port), timeout=5):
            self.thread.join(5)
        self.server_close()

    def _accept(self) -> None:
        while not self.is_stopped:
            self.handle_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a worker that goes away in the middle is seen by its process."""


class RuntimeHandler(BaseHTTPRequestHandler):
    """The routes that a runtime client calls."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece
    server: Runtime

    def do_GET(self) -> None:
        """The next invocation."""
        invocation = self.server.take()
        if invocation is None:
            self.close_connection = True
            return
        named = {
            "Lambda-Runtime-Aws-Request-Id": invocation.id,
            "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": function_arn(self.server.function.name),
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
        }
        self._answer(200, invocation.payload, named)

    def do_POST(self) -> None:
        """An answer, or an error of an invocation or of the start."""
        body = read_body(self.rfile, self.headers, LARGEST_REPLY)
        self.close_connection = body is None
        self._answer(202, b"{}", {})
        kind, _, rest = self.path.partition("/runtime/")[2].partition("/")
        invocation_id, _, what = rest.partition("/")
        if kind == "init":
            self.server.fail_to_start(body or b"")
        elif body is None:
            self.server.reply(invocation_id, Reply(TOO_LARGE, Failure.UNHANDLED))
        else:
            self.server.reply(invocation_id, Reply(body, None if what == "response" else Failure.UNHANDLED))

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **JSON, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_arguments: Any) -> None:
        """Nothing: each call would be a line."""
