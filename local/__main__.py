"""`make run`."""

from __future__ import annotations

import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while the modules below load is no traceback

from local.running import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
