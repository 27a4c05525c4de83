"""The functions' logs: files that processes append to, and that never grow without end."""

from __future__ import annotations

import shutil
from pathlib import Path

LARGEST = 5 * 1024 * 1024


def keep_small(path: Path, largest: int = LARGEST) -> None:
    """Move a log that has grown to its `.1` beside it, in place of the one before; who writes into it goes on."""
    if path.exists() and path.stat().st_size > largest:
        shutil.copyfile(path, path.with_suffix(".log.1"))
        with path.open("r+b") as stream:
            stream.truncate(0)
