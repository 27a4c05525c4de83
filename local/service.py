"""The whole service as one child process, for tests and benchmarks: start it, kill it, start it again."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.guarding import guarded

READY_WITHIN = 60  # seconds


def _free_port() -> int:
    """A port that is free; of those that no outgoing connection gets."""
    while True:
        port = secrets.choice(range(18_000, 31_000))
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


@dataclass
class Service:
    """`python -m local` on ports and data of its own."""

    data_dir: Path
    port: int = field(default_factory=_free_port)
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        """What the service has printed so far."""
        return (self.data_dir / "output.txt").read_text()

    def start(self) -> None:
        """Start, and wait until it is ready.

        Raises:
            RuntimeError: it does not get ready.
        """
        self.data_dir.mkdir(parents=True, exist_ok=True)
        settings = {"FAIRSPLIT_PORT": str(self.port), "FAIRSPLIT_DATA_DIR": str(self.data_dir)}
        with (self.data_dir / "output.txt").open("ab") as output:
            self.process = subprocess.Popen(
                guarded([sys.executable, "-m", "local"]),
                env={**os.environ, **self.environment, **settings},
                cwd=Path(__file__).parents[1],
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._wait()

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ctrl-C."""
        self._end(signal.SIGINT)

    def restart(self) -> None:
        """Start again on the same data and port."""
        self.start()

    def invoke(self, name: str, payload: Any = None) -> Any:
        """Run one function at once, as `maintenance`; its answer.

        Raises:
            RuntimeError: the function failed.
        """
        url = f"http://127.0.0.1:{self.port}/2015-03-31/functions/{name}/invocations"
        request = urllib.request.Request(url, data=json.dumps(payload or {}).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=300) as answer:
            body = answer.read()
            if answer.headers.get("x-amz-function-error"):
                raise RuntimeError(body.decode())
            return json.loads(body)

    def _wait(self) -> None:
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until and self.process and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/v1/health", timeout=5):
                    return
            except urllib.error.HTTPError as answer:
                answer.close()
            except OSError:
                pass  # it does not listen yet
            time.sleep(0.1)
        self.kill()
        raise RuntimeError(f"the service does not get ready: {self.output[-2000:]}")

    def _end(self, number: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(60)


@contextmanager
def start(data_dir: Path, **environment: str) -> Iterator[Service]:
    """A running service until the block ends."""
    service = Service(data_dir, environment=environment)
    service.start()
    try:
        yield service
    finally:
        service.stop()
