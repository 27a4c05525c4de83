"""Starts processes from one thread that never ends: guarded children end with the thread that started them."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local.guarding import guarded


class Spawner:
    """Starts guarded processes."""

    def __init__(self) -> None:
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
        """A process that ends with this one.

        Raises:
            OSError: it cannot be started.
        """
        return self.thread.submit(lambda: subprocess.Popen(guarded(command), **options)).result()
