"""Set up the environment of uv.lock with any Python from 3.11 on: finds uv, or gets it from PyPI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
HELP = "On Debian: apt-get install python3-venv"


def main() -> int:
    """Have uv and the environment; the exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python gets here first
        print(f"Fairsplit needs Python 3.11 or later; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    uv = find_uv() or get_uv()
    if uv is None:
        print(f"uv is missing and cannot be installed. {HELP}, or install uv yourself.", file=sys.stderr)
        return 1
    print("Installing what uv.lock names into .venv ...", flush=True)
    command = [uv, "sync", "--frozen", "--quiet", "--python", sys.executable]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def find_uv() -> str | None:
    """uv on the PATH, or the one that was got before."""
    return shutil.which("uv")


def get_uv() -> str | None:
    """uv from PyPI, in an environment of its own; None where that is not possible."""
    print("Installing uv ...", flush=True)
    home = TOOLS / "uv"
    made = run(sys.executable, "-m", "venv", str(home)) and run(home / "bin" / "pip", "install", "--quiet", "uv")
    if not made:
        shutil.rmtree(home, ignore_errors=True)
        made = run(sys.executable, "-m", "pip", "install", "--quiet", "--target", str(home), "uv")
    uv = home / "bin" / "uv"
    if not made or not uv.exists():
        return None
    (TOOLS / "bin").mkdir(parents=True, exist_ok=True)
    link = TOOLS / "bin" / "uv"
    link.unlink(missing_ok=True)
    link.symlink_to(uv)
    return str(uv)


def run(*command: str | Path) -> bool:
    """Whether the command succeeded."""
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    arguments = [str(part) for part in command]
    try:
        done = subprocess.run(arguments, env=environment, check=False, capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
