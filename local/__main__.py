"""`make run`: start the service, say how to use it, and stop it cleanly."""

from __future__ import annotations

import signal
import sys
import threading
import time

from local import engine
from local.stack import InUseError, Settings, running


def main() -> int:
    """Run until Ctrl-C or SIGTERM; the exit status."""
    stopping = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_arguments: stopping.set())
    settings = Settings.from_environment()
    began = time.monotonic()
    print(f"Starting Fairsplit on http://127.0.0.1:{settings.port} (data in {settings.data_dir}) ...", flush=True)
    try:
        if not settings.endpoint_url:
            engine.install()
        with running(settings) as stack:
            say_ready(stack.server.server_port, stack.invoke_server.server_port, time.monotonic() - began)
            stopping.wait()
            print("Stopping ...", flush=True)
    except (InUseError, OSError, engine.EngineError) as error:
        print(f"Fairsplit cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def say_ready(port: int, invoke_port: int, seconds: float) -> None:
    """The address, the tokens, and what to do next."""
    print(
        f"""
Fairsplit is ready after {seconds:.1f} s.

  API      http://127.0.0.1:{port}
  Invoke   http://127.0.0.1:{invoke_port} (Lambda's own call: one function at once)
  Tokens   local-admin  local-analyst  local-client

Next, in another terminal:  make demo
Stop with Ctrl-C.
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
