"""The database engine of the local service and the tests: dynoxide on disk, else ministack."""

from __future__ import annotations

import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.engine_index import index_streams
from local.guarding import guarded

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / ".tools"
PACKAGE = Path(__file__).parent / "engine_package"
MINISTACK = "ministack==1.5.33"
DATABASE = "dynamodb.sqlite"
START_WITHIN = 20  # seconds
KINDS = ("dynoxide", "ministack")


@dataclass(frozen=True)
class Engine:
    """A running engine: where it answers, and what it is."""

    endpoint_url: str
    kind: str
    process: subprocess.Popen[bytes]


class EngineError(Exception):
    """The engine cannot be had or does not start."""


def binary() -> Path | None:
    """The dynoxide binary of this machine; None where it is not installed."""
    system = {"Linux": "linux", "Darwin": "darwin"}.get(platform.system(), "")
    machine = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "")
    path = TOOLS / "engine" / "node_modules" / "@dynoxide" / f"{system}-{machine}" / "dynoxide"
    return path if path.exists() else None


def install() -> str:
    """Get an engine into .tools/ where there is none; its kind. The versions and digests are pinned in the lock file.

    Raises:
        EngineError: neither engine can be had.
    """
    if binary() is None:
        _install_dynoxide()
    if binary() is not None:
        return "dynoxide"
    print("dynoxide is not to be had for this machine. Taking ministack: a crash loses what it has not saved.")
    install_ministack()
    return "ministack"


def _install_dynoxide() -> None:
    npm = shutil.which("npm") or str(Path(sys.executable).parent / "npm")
    folder = TOOLS / "engine"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PACKAGE / name, folder / name)
    print("Installing the database engine (dynoxide) ...", flush=True)
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"npm could not install it: {error}")
    if (path := binary()) is not None:
        path.chmod(0o755)


def install_ministack() -> Path:
    """ministack's program, in an environment of its own: it pins another botocore than ours."""
    program = TOOLS / "ministack" / "bin" / "ministack"
    if not program.exists():
        print("Installing ministack ...", flush=True)
        uv = os.environ.get("UV", "uv")
        try:
            subprocess.run([uv, "venv", "--quiet", str(TOOLS / "ministack")], check=True)
            python = str(TOOLS / "ministack" / "bin" / "python")
            subprocess.run([uv, "pip", "install", "--quiet", "--python", python, MINISTACK], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise EngineError(f"ministack cannot be installed: {error}") from error
    return program


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def start(data_dir: Path | None = None, kind: str | None = None) -> Iterator[Engine]:
    """A running engine with its data in `data_dir` (None: in a folder that goes with it).

    Raises:
        EngineError: it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="fairsplit-engine-") as scratch:
        folder = data_dir or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        engine = launch(folder, kind or ("dynoxide" if binary() else "ministack"))
        try:
            yield engine
        finally:
            stop(engine)


def launch(folder: Path, kind: str) -> Engine:
    """Start an engine and wait until it answers.

    Raises:
        EngineError: it does not.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command, environment = _command(kind, port, folder)
    log = (folder / f"{kind}.log").open("ab")
    process = subprocess.Popen(guarded(command), env=environment, stdout=log, stderr=log, start_new_session=True)
    log.close()
    engine = Engine(f"http://127.0.0.1:{port}", kind, process)
    _wait(engine, folder / f"{kind}.log")
    if kind == "dynoxide":
        index_streams(folder / DATABASE)
    return engine


def stop(engine: Engine) -> None:
    """Stop an engine, kindly and then not."""
    engine.process.send_signal(signal.SIGTERM)
    try:
        engine.process.wait(10)
    except subprocess.TimeoutExpired:
        engine.process.kill()
        engine.process.wait()


def _command(kind: str, port: int, folder: Path) -> tuple[list[str], dict[str, str]]:
    if kind == "dynoxide":
        path = binary()
        if path is None:
            raise EngineError("dynoxide is not installed: run `make setup`.")
        database = str(folder / DATABASE)
        return [str(path), "serve", "--host", "127.0.0.1", "--port", str(port), "--db-path", database], dict(os.environ)
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "PERSIST_STATE": "1", "STATE_DIR": str(folder)}
    return [str(install_ministack())], dict(os.environ) | settings


def _wait(engine: Engine, log: Path) -> None:
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until and engine.process.poll() is None:
        try:
            with urllib.request.urlopen(engine.endpoint_url, data=b"{}", timeout=2):
                return
        except urllib.error.HTTPError:
            return  # it answers, if only to say that this is no call
        except OSError:
            time.sleep(0.02)
    stop(engine)
    raise EngineError(f"{engine.kind} does not start; the end of its log: {log.read_text()[-500:]}")


if __name__ == "__main__":
    install()
