"""Running the service: start it, say how to use it, and stop it cleanly."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

from local.engine_install import EngineError
from local.settings import SettingError, Settings
from local.stack import Stack, running

LOOK_EVERY = 1.0  # seconds, whether the database still runs


def main() -> int:
    """Run until Ctrl-C or SIGTERM; the exit status."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_arguments: stopping.set())
    began = time.monotonic()
    try:
        settings = Settings.of(os.environ)
        print(f"Starting Fairsplit on http://127.0.0.1:{settings.port} ...", flush=True)
        with running(settings) as stack:
            print(welcome(stack, time.monotonic() - began), flush=True)
            while stack.is_whole():
                if stopping.wait(LOOK_EVERY):
                    print("Stopping ...", flush=True)
                    return 0
        print("The database engine has ended. Start again: nothing that was stored is lost.", file=sys.stderr)
    except (SettingError, EngineError, ValueError) as error:
        print(f"Fairsplit cannot run: {error}", file=sys.stderr)
    return 1


def welcome(stack: Stack, seconds: float) -> str:
    """The address, the tokens, and what to do next."""
    data = os.path.relpath(stack.data_dir) if stack.data_dir.is_relative_to(Path.cwd()) else stack.data_dir
    port = "" if stack.port == 8000 else f"FAIRSPLIT_PORT={stack.port} "
    return f"""
Fairsplit is ready after {seconds:.1f} s.

  API       http://127.0.0.1:{stack.port}/v1
  Tokens    local-admin  local-analyst  local-client   (Authorization: Bearer …)
  Data      {data}/
  Logs      {data}/logs/
  Invoke    {port}make invoke FUNCTION=maintenance   (one function at once)

Next, in another terminal:  {port}make demo
Stop with Ctrl-C.
"""
