"""Getting a database engine into .tools/: dynoxide for this machine, else ministack; all of it pinned by digests."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from local.bootstrap import find_uv

TOOLS = Path(__file__).parents[1] / ".tools"
PINS = Path(__file__).parent / "engine_package"


class EngineError(Exception):
    """The engine cannot be had or does not start."""


def install() -> str:
    """Have an engine; its kind. It is quick where there is one.

    Raises:
        EngineError: neither engine can be had.
    """
    if dynoxide() or (not ministack().exists() and _install_dynoxide()):
        return "dynoxide"
    if not ministack().exists():
        print("dynoxide is not to be had for this machine.", flush=True)
        install_ministack()
    return "ministack"


def dynoxide() -> Path | None:
    """The dynoxide binary of this machine; None where it is not installed."""
    system = {"Linux": "linux", "Darwin": "darwin"}.get(platform.system(), "")
    machine = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "")
    path = TOOLS / "engine" / "node_modules" / "@dynoxide" / f"{system}-{machine}" / "dynoxide"
    return path if path.exists() else None


def ministack() -> Path:
    """ministack's program, whether it is there or not."""
    return TOOLS / "ministack" / "bin" / "ministack"


def _install_dynoxide() -> bool:
    folder = TOOLS / "engine"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PINS / name, folder / name)
    print("Installing the database engine (dynoxide) ...", flush=True)
    npm = shutil.which("npm") or str(Path(sys.executable).parent / "npm")
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    try:
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"npm could not install it: {error}", flush=True)
    path = dynoxide()
    if path:
        path.chmod(0o755)
    return path is not None


def install_ministack() -> None:
    """Install ministack where it is missing, in an environment of its own: it pins another botocore than ours.

    Raises:
        EngineError: that cannot be done.
    """
    if ministack().exists():
        return
    print("Installing the database engine (ministack) ...", flush=True)
    home = TOOLS / "ministack"
    uv = find_uv()
    if uv is None:
        raise EngineError("uv is not to be found: run `make setup`.")
    environment = {**os.environ, "VIRTUAL_ENV": str(home)}
    pins = str(PINS / "ministack.txt")
    try:
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)], check=True)
        command = [uv, "pip", "install", "--quiet", "--no-config", "--require-hashes", "-r", pins]
        subprocess.run(command, check=True, env=environment)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(home, ignore_errors=True)
        raise EngineError(f"ministack cannot be installed: {error}") from error


if __name__ == "__main__":
    install()
