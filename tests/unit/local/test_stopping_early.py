"""Ctrl-C while the service is still loading."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

INTERRUPTED_IMPORT = """
import os, runpy, signal, sys

class Finder:
    def find_spec(name, *_):
        if name == "local.stack":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder)
runpy.run_module("local", run_name="__main__")
"""


def test_it_ends_at_once_and_without_a_traceback() -> None:
    command = [sys.executable, "-c", INTERRUPTED_IMPORT]
    done = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")
