"""How far each mapping has read each shard: one small file, written whole, on disk before anything moves on."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path


class Checkpoints:
    """The last sequence number that was delivered, by mapping and shard. It may be behind, never ahead."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = threading.Lock()
        self.places: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}

    def get(self, mapping: str, shard: str) -> str | None:
        return self.places.get(f"{mapping} {shard}")

    def put(self, mapping: str, shard: str, sequence_number: str) -> None:
        """Remember the place, durably."""
        with self.lock:
            self.places[f"{mapping} {shard}"] = sequence_number
            scratch = self.path.with_suffix(".new")
            with scratch.open("w") as stream:
                json.dump(self.places, stream)
                stream.flush()
                os.fsync(stream.fileno())
            scratch.replace(self.path)
