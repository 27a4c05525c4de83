"""A worker: one function in AWS's own runtime client, as a plain process, for one invocation at a time."""

from __future__ import annotations

import queue
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from local.replies import Failure, Reply, failed
from local.runtime_api import Invocation, Runtime
from local.spawning import Spawner
from local.templates import Function

START_WITHIN = 60  # seconds
LOOK_EVERY = 0.2  # seconds, whether the process is still there


class Worker:
    """One execution environment."""

    def __init__(
        self,
        function: Function,
        environment: Mapping[str, str],
        log: Path,
        spawner: Spawner,
        on_init_error: Callable[[bytes], None],
    ) -> None:
        self.function = function
        self.runtime = Runtime(function, on_init_error)
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

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def invoke(self, payload: bytes) -> Reply:
        """One invocation, within the function's time; after a time-out the worker is of no more use."""
        invocation = Invocation(payload, self.function.timeout)
        started_by = time.monotonic() + START_WITHIN
        self.runtime.waiting.put(invocation)
        while True:
            was_alive = self.is_alive
            try:
                return invocation.replies.get(timeout=LOOK_EVERY)
            except queue.Empty:
                if not was_alive:
                    return self._ended()
            if invocation.is_late or (invocation.taken is None and time.monotonic() > started_by):
                return self._timed_out(invocation)

    def stop(self) -> None:
        """End the process; nothing of it is worth waiting for."""
        self.process.kill()
        self.process.wait()
        self.runtime.stop()

    def _ended(self) -> Reply:
        if self.runtime.init_error is not None:
            return Reply(self.runtime.init_error, Failure.UNHANDLED)
        text = f"the process ended with status {self.process.returncode}"
        return failed(Failure.CRASH, "Runtime.ExitError", text)

    def _timed_out(self, invocation: Invocation) -> Reply:
        text = f"{invocation.id} Task timed out after {self.function.timeout:.2f} seconds"
        return failed(Failure.TIMEOUT, "Sandbox.Timedout", text)
