"""Set up the environment of uv.lock with nothing but a Python: finds uv, or gets it from PyPI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
OLDEST = (3, 11)
HELP = "On Debian: apt-get install python3-venv, or python3-pip. Or install uv yourself and put it on the PATH."


def main() -> int:
    """Have uv and the environment; the exit status."""
    uv = find_uv() or get_uv()
    if uv is None:
        print(f"uv is missing and could not be installed. {HELP}", file=sys.stderr)
        return 1
    # An older Python than ours can still find uv, and uv a newer Python.
    python = sys.executable if sys.version_info >= OLDEST else ">=3.11"
    print("Installing what uv.lock names into .venv (half a minute at first) ...", flush=True)
    command = [uv, "sync", "--frozen", "--quiet", "--python", python]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if status:
        print(f"uv could not make .venv with Python {python}. Fairsplit needs Python 3.11 or later.", file=sys.stderr)
    return status


def find_uv() -> str | None:
    """uv on the PATH, or the one that was got before."""
    return shutil.which("uv") or shutil.which("uv", path=str(TOOLS / "bin"))


def get_uv() -> str | None:
    """uv from PyPI, by `venv` or else by `pip`; None where neither is to be had."""
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
    try:
        done = subprocess.run([str(part) for part in command], env=environment, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
