"""Warm workers of all functions: an invocation takes one, or starts one while there are fewer than the most."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from local.environments import environment_of
from local.logs import keep_small
from local.replies import Failure, Reply, failed, in_one_line
from local.spawning import Spawner
from local.templates import Function
from local.workers import Worker

MOST = max(2, min(4, os.cpu_count() or 2))
WAIT_FOR_WORKER = 29  # seconds, as long as API Gateway waits for an answer
DRAIN_WITHIN = 5  # seconds for what is under way when the service stops


class Fleet:
    """Runs functions by their names."""

    def __init__(self, functions: list[Function], endpoint_url: str, logs: Path) -> None:
        self.functions = {function.name: function for function in functions}
        self.endpoint_url = endpoint_url
        self.logs = logs
        self.spawner = Spawner()
        self.slots = {name: threading.BoundedSemaphore(MOST) for name in self.functions}
        self.idle: dict[str, list[Worker]] = {name: [] for name in self.functions}
        self.workers: set[Worker] = set()
        self.lock = threading.Lock()
        self.busy = 0
        self.is_stopping = False
        logs.mkdir(parents=True, exist_ok=True)

    def warm(self) -> None:
        """Start one worker of each function."""
        for name in self.functions:
            worker = self._start(name)
            with self.lock:
                self.idle[name].append(worker)

    def invoke(self, name: str, payload: bytes) -> Reply:
        """Run a function; a worker that crashed or took too long is replaced."""
        with self._slot(name) as is_free:
            if self.is_stopping:
                return failed(Failure.STOPPING, "Stopping", "The service stops.")
            if not is_free:
                return failed(Failure.THROTTLED, "Throttled", f"{name} has no free worker: {MOST} are busy.")
            worker = self._take(name)
            reply = worker.invoke(payload)
            self._give_back(worker, reply)
        if reply.error and not self.is_stopping:
            self._complain(name, reply.error, reply.payload)
        return reply

    def stop(self) -> None:
        """Let what is under way end, then end all workers."""
        self.is_stopping = True
        until = time.monotonic() + DRAIN_WITHIN
        while self.busy and time.monotonic() < until:
            time.sleep(0.02)
        with self.lock:
            workers, self.workers = list(self.workers), set()
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.stop()

    @contextmanager
    def _slot(self, name: str) -> Iterator[bool]:
        """Whether one more worker of the function may be busy."""
        is_free = self.slots[name].acquire(timeout=WAIT_FOR_WORKER)
        with self.lock:
            self.busy += 1
        try:
            yield is_free
        finally:
            with self.lock:
                self.busy -= 1
            if is_free:
                self.slots[name].release()

    def _take(self, name: str) -> Worker:
        with self.lock:
            while self.idle[name]:
                worker = self.idle[name].pop()
                if worker.is_alive:
                    return worker
                self.workers.discard(worker)
        return self._start(name)

    def _start(self, name: str) -> Worker:
        function, log = self.functions[name], self._log(name)
        keep_small(log)
        environment = environment_of(function, self.endpoint_url, os.environ)
        complain = partial(self._complain, name, "does not start")
        worker = Worker(function, environment, log, self.spawner, complain)
        with self.lock:
            self.workers.add(worker)
        return worker

    def _give_back(self, worker: Worker, reply: Reply) -> None:
        name = worker.function.name
        keep_small(self._log(name))
        if worker.is_alive and reply.error not in {Failure.CRASH, Failure.TIMEOUT}:
            with self.lock:
                self.idle[name].append(worker)
            return
        with self.lock:
            is_ours = worker in self.workers  # else `stop` has it
            self.workers.discard(worker)
        if is_ours:
            worker.stop()

    def _complain(self, name: str, what: str, payload: bytes) -> None:
        """One line for whoever watches, and one in the log, as Lambda itself writes there."""
        line = f"{name}: {what}: {in_one_line(payload)}"
        with self._log(name).open("a") as stream:
            stream.write(line + "\n")
        print(f"{line} (log: {self._log(name)})", flush=True)

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"
