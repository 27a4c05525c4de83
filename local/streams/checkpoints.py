"""How far each mapping has come in each shard. A place may be behind what was delivered, never ahead."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Protocol


class Places(Protocol):
    """The last sequence number that was delivered, by a key of mapping, stream and shard."""

    def get(self, key: str) -> str | None: ...

    def put(self, key: str, sequence_number: str) -> None: ...


class Remembered:
    """Places in memory, for an engine that may forget what it has told."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        return self.places.get(key)

    def put(self, key: str, sequence_number: str) -> None:
        self.places[key] = sequence_number


class Checkpoints:
    """Places in one small file, written whole and on disk before anything moves on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.Lock()
        self.places: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def get(self, key: str) -> str | None:
        return self.places.get(key)

    def put(self, key: str, sequence_number: str) -> None:
        """Remember the place, durably."""
        with self.lock:
            self.places[key] = sequence_number
            scratch = self.path.with_suffix(".new")
            with scratch.open("w") as stream:
                json.dump(self.places, stream)
                stream.flush()
                os.fsync(stream.fileno())
            scratch.replace(self.path)
