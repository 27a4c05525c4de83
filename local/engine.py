"""The database engine of the local service and the tests: dynoxide on disk, else ministack."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.engine_index import index_streams
from local.engine_install import EngineError, dynoxide, install, install_ministack, ministack
from local.guarding import guarded

DATABASE = "dynamodb.sqlite"
START_WITHIN = 20  # seconds
STOP_WITHIN = 10
KINDS = ("dynoxide", "ministack")


@dataclass(frozen=True)
class Engine:
    """A running engine: where it answers, and what it is."""

    endpoint_url: str
    kind: str
    process: subprocess.Popen[bytes]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def start(data_dir: Path | None = None, kind: str | None = None) -> Iterator[Engine]:
    """A running engine with its data in `data_dir` (None: in a folder that goes with it); installed where missing.

    Raises:
        EngineError: it is not to be had, or does not start.
    """
    with tempfile.TemporaryDirectory(prefix="fairsplit-engine-") as scratch:
        engine = launch(data_dir or Path(scratch), kind or install())
        try:
            yield engine
        finally:
            stop(engine)


def launch(folder: Path, kind: str) -> Engine:
    """Start an engine on the data of a folder and wait until it answers.

    Raises:
        EngineError: it is not to be had, or does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command, environment = _command(kind, port, folder)
    log = folder / f"{kind}.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            guarded(command), env=environment, cwd=folder, stdout=stream, stderr=stream, start_new_session=True
        )
    engine = Engine(f"http://127.0.0.1:{port}", kind, process)
    _wait(engine, log)
    if kind == "dynoxide":
        index_streams(folder / DATABASE)
    return engine


def stop(engine: Engine) -> None:
    """Stop an engine, kindly and then not."""
    engine.process.send_signal(signal.SIGTERM)
    try:
        engine.process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        engine.process.kill()
        engine.process.wait()


def _command(kind: str, port: int, folder: Path) -> tuple[list[str], dict[str, str]]:
    if kind == "ministack":
        install_ministack()
        settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "PERSIST_STATE": "1", "STATE_DIR": str(folder)}
        return [str(ministack())], {**os.environ, **settings}
    path = dynoxide()
    if path is None and install() != "dynoxide":
        raise EngineError("dynoxide is not to be had for this machine.")
    options = ["--host", "127.0.0.1", "--port", str(port), "--db-path", str(folder / DATABASE)]
    return [str(path or dynoxide()), "serve", *options], dict(os.environ)


def _wait(engine: Engine, log: Path) -> None:
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until and engine.process.poll() is None:
        try:
            with urllib.request.urlopen(engine.endpoint_url, data=b"{}", timeout=2):
                return
        except urllib.error.HTTPError as answer:
            answer.close()
            return  # it answers, if only to say that this is no call
        except OSError:
            time.sleep(0.02)
    stop(engine)
    raise EngineError(f"{engine.kind} does not start; the end of its log: {log.read_text(errors='replace')[-500:]}")
