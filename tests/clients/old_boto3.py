"""An older boto3, pinned, that still has a client for CloudWatch Evidently; in .tools/boto3-evidently."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from local.bootstrap import find_uv, get_uv
from tests.clients.installing import ClientsError

PINS = Path(__file__).parent / "boto3-evidently.txt"
HOME = PINS.parents[2] / ".tools" / "boto3-evidently"
LIBRARIES, READY = HOME / "libraries", HOME / "ready"  # what is installed, and the pins that it was installed by
PATIENCE = 120  # seconds


def install() -> None:
    """Have the libraries. It is quick where they are there.

    Raises:
        ClientsError: they cannot be had.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("w") as others:
        fcntl.flock(others, fcntl.LOCK_EX)  # tests run in several processes
        if not (READY.exists() and READY.read_text() == PINS.read_text()):
            _install()


def _install() -> None:
    READY.unlink(missing_ok=True)
    shutil.rmtree(LIBRARIES, ignore_errors=True)
    sys.stderr.write("Installing a boto3 that still knows CloudWatch Evidently (30 MB, once) ...\n")
    uv = find_uv() or get_uv()
    options = ["--quiet", "--no-deps", "--python", sys.executable, "--target", str(LIBRARIES)]
    try:
        subprocess.run([str(uv), "pip", "install", *options, "--requirement", str(PINS)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ClientsError(f"The older boto3 cannot be installed: {error}") from error
    shutil.copy(PINS, READY)


def run(code: str, given: str = "", **environment: str) -> str:
    """What a Python program prints that finds this boto3, and `given` on its standard input."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | {"PYTHONPATH": str(LIBRARIES)} | environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
