"""Execution environments: each function in AWS's own runtime client, as plain processes, one invocation at a time."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

from local.chunks import read_body
from local.guarding import guarded
from local.templates import ACCOUNT, REGION, Function

INVOCATIONS = "/2018-06-01/runtime/invocation/"
START_WITHIN = 60  # seconds
JSON = {"Content-Type": "application/json"}  # the runtime client crashes without it
LARGEST_REPLY = 8 * 1024 * 1024


@dataclass(frozen=True)
class Reply:
    """What came of an invocation: the payload, or in `error` what went wrong (Unhandled, Timeout or Crash)."""

    payload: bytes
    error: str | None = None


@dataclass
class Invocation:
    """One call on its way."""

    payload: bytes
    deadline: float  # seconds since 1970
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    replies: queue.Queue[Reply] = field(default_factory=lambda: queue.Queue(1))


class Runtime(ThreadingHTTPServer):
    """Lambda's runtime API for one worker."""

    daemon_threads = True

    def __init__(self, function: Function) -> None:
        super().__init__(("127.0.0.1", 0), RuntimeHandler)
        self.function = function
        self.waiting: queue.Queue[Invocation] = queue.Queue()
        self.current: Invocation | None = None
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.5}, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def reply(self, reply: Reply) -> None:
        """Hand a reply to whoever waits for it."""
        current, self.current = self.current, None
        if current:
            current.replies.put(reply)


class RuntimeHandler(BaseHTTPRequestHandler):
    """The four routes that a runtime client calls."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece
    server: Runtime

    def do_GET(self) -> None:
        """The next invocation, whenever it comes."""
        invocation = self.server.waiting.get()
        self.server.current = invocation
        name = self.server.function.name
        self._answer(
            200,
            invocation.payload,
            {
                "Lambda-Runtime-Aws-Request-Id": invocation.id,
                "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
                "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
            },
        )

    def do_POST(self) -> None:
        """A response, or an error of an invocation or of the start."""
        body = read_body(self.rfile, self.headers, LARGEST_REPLY) or b""
        self._answer(202, b"{}", {})
        if self.path.endswith("/response"):
            self.server.reply(Reply(body))
        else:
            self.server.reply(Reply(body, "Unhandled"))

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **JSON, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_arguments: Any) -> None:
        """Nothing: each call would be a line."""


class Spawner:
    """Starts processes from a thread that never ends: guarded children end with the thread that started them."""

    def __init__(self) -> None:
        self.orders: queue.Queue[tuple[list[str], dict[str, Any], queue.Queue[Any]]] = queue.Queue()
        threading.Thread(target=self._run, daemon=True).start()

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        answer: queue.Queue[Any] = queue.Queue(1)
        self.orders.put((command, options, answer))
        result = answer.get()
        if isinstance(result, OSError):
            raise result
        process: subprocess.Popen[bytes] = result
        return process

    def _run(self) -> None:
        while True:
            command, options, answer = self.orders.get()
            try:
                answer.put(subprocess.Popen(guarded(command), **options))
            except OSError as error:
                answer.put(error)


class Worker:
    """One process that runs one function."""

    def __init__(self, function: Function, environment: Mapping[str, str], log: Path, spawner: Spawner) -> None:
        self.function = function
        self.runtime = Runtime(function)
        with log.open("ab") as stream:
            self.process = spawner.start(
                [sys.executable, "-m", "awslambdaric", function.handler],
                cwd=function.folder,
                env={**environment, "AWS_LAMBDA_RUNTIME_API": self.runtime.address},
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
            )

    def invoke(self, payload: bytes) -> Reply:
        """One invocation, within the function's time."""
        invocation = Invocation(payload, time.time() + self.function.timeout)
        self.runtime.waiting.put(invocation)
        until = time.monotonic() + self.function.timeout + (START_WITHIN if self.runtime.current is None else 0)
        while time.monotonic() < until:
            try:
                return invocation.replies.get(timeout=0.2)
            except queue.Empty:
                if self.process.poll() is not None:
                    return Reply(b'{"errorType":"Runtime.ExitError","errorMessage":"the process ended"}', "Crash")
                if self.runtime.current is invocation and time.time() > invocation.deadline:
                    break
        return Reply(b'{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out"}', "Timeout")

    def stop(self) -> None:
        """End the process; nothing of it is worth waiting for."""
        self.process.kill()
        self.process.wait()
        self.runtime.shutdown()
        self.runtime.server_close()


class Invoker(Protocol):
    """Whatever runs a function by its name."""

    def invoke(self, name: str, payload: bytes) -> Reply: ...


class Fleet:
    """Warm workers of all functions: an invocation takes one, or starts one while there are fewer than `most`."""

    def __init__(self, functions: list[Function], endpoint_url: str, logs: Path, most: int = 2) -> None:
        self.functions = {function.name: function for function in functions}
        self.endpoint_url = endpoint_url
        self.logs = logs
        self.spawner = Spawner()
        self.slots = {name: threading.BoundedSemaphore(most) for name in self.functions}
        self.idle: dict[str, list[Worker]] = {name: [] for name in self.functions}
        self.workers: set[Worker] = set()
        self.lock = threading.Lock()
        self.stopped = False
        logs.mkdir(parents=True, exist_ok=True)

    def warm(self) -> None:
        """Start one worker of each function."""
        for name in self.functions:
            self.idle[name].append(self._start(name))

    def invoke(self, name: str, payload: bytes) -> Reply:
        """Run a function; a worker that crashed or took too long is replaced."""
        with self.slots[name]:
            worker = self._take(name)
            reply = worker.invoke(payload)
            if reply.error in {"Crash", "Timeout"}:
                self._drop(worker)
            else:
                with self.lock:
                    self.idle[name].append(worker)
            if reply.error and not self.stopped:
                print(f"{name}: {reply.error}: {_first_line(reply.payload)} (log: {self._log(name)})", flush=True)
            return reply

    def stop(self) -> None:
        """End all workers."""
        self.stopped = True
        with self.lock:
            workers, self.workers = list(self.workers), set()
        for worker in workers:
            worker.stop()

    def _take(self, name: str) -> Worker:
        with self.lock:
            while self.idle[name]:
                worker = self.idle[name].pop()
                if worker.process.poll() is None:
                    return worker
                self.workers.discard(worker)
        return self._start(name)

    def _start(self, name: str) -> Worker:
        function = self.functions[name]
        worker = Worker(function, self._environment(function), self._log(name), self.spawner)
        with self.lock:
            self.workers.add(worker)
        return worker

    def _drop(self, worker: Worker) -> None:
        with self.lock:
            self.workers.discard(worker)
        worker.stop()

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _environment(self, function: Function) -> dict[str, str]:
        """What Lambda sets, what the template sets, and nothing of ours but the paths."""
        layers = Path(__file__).parents[1] / "layers" / "common"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return {
            **kept,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint_url,
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            "LAMBDA_TASK_ROOT": str(function.folder),
            "PYTHONPATH": f"{function.folder}{os.pathsep}{layers}",
            "PYTHONUNBUFFERED": "1",
            "TZ": ":UTC",
            **function.environment,
        }


def _first_line(payload: bytes) -> str:
    try:
        error = json.loads(payload)
        return f"{error.get('errorType')}: {str(error.get('errorMessage'))[:200]}"
    except (ValueError, AttributeError):
        return payload[:200].decode("utf-8", "replace")
