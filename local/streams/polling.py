"""A driver in a thread: it polls ten times a second, backs off when the function fails, and stops when told."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from local.replies import Failure, Invoker
from local.streams import dead_letters
from local.streams.answers import InvocationError
from local.streams.checkpoints import Places
from local.streams.driver import Driver
from local.streams.mapping import Mapping
from local.streams.source import Record, Source
from local.streams.streams_api import StreamError

POLL_SECONDS = 0.1
LONGEST_BACK_OFF = 10.0
STOP_WITHIN = 5
NOT_ITS_FAULT = frozenset({Failure.THROTTLED, Failure.STOPPING})
MOST_LANES = 2  # more would only wait for one another on one machine


class StoppingError(Exception):
    """The service stops; what was not delivered comes again at the next start."""


class Poller:
    """Reads one stream for one mapping."""

    def __init__(self, mapping: Mapping, source: Source, invoker: Invoker, places: Places, dead: Path) -> None:
        self.mapping = replace(mapping, factor=min(mapping.factor, MOST_LANES))
        self.source = source
        self.invoker = invoker
        self.dead = dead / f"{mapping.dead_letters or mapping.id}.jsonl"
        self.stopping = threading.Event()
        self.lanes = ThreadPoolExecutor(max_workers=self.mapping.factor)
        self.driver = Driver(
            self.mapping, source, self.invoke, places, bury=self.bury, back_off=self.back_off, run=self.lanes.map
        )
        self.thread = threading.Thread(target=self._run, name=mapping.id, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        """Stop, once the invocations under way are back."""
        self.stopping.set()
        if self.thread.is_alive():
            self.thread.join(STOP_WITHIN)
        self.lanes.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                if not self.driver.step():
                    self.stopping.wait(POLL_SECONDS)
            except StoppingError:
                return
            except (StreamError, OSError) as error:
                if not self.stopping.is_set():
                    print(f"{self.mapping.id}: the stream cannot be read, trying again: {error}", flush=True)
                self.stopping.wait(1)

    def invoke(self, event: dict[str, Any]) -> Any:
        """The function's answer.

        Raises:
            InvocationError: it failed.
            StoppingError: the service stops, which says nothing about the function.
        """
        payload = json.dumps(event).encode()
        while not self.stopping.is_set():
            reply = self.invoker.invoke(self.mapping.function, payload)
            if reply.error is None:
                return json.loads(reply.payload)
            if reply.error not in NOT_ITS_FAULT and not self.stopping.is_set():
                raise InvocationError(reply.error)
            self.stopping.wait(POLL_SECONDS)
        raise StoppingError

    def back_off(self, attempt: int) -> None:
        """Wait longer each time."""
        if self.stopping.wait(min(0.1 * 2 ** min(attempt, 10), LONGEST_BACK_OFF)):
            raise StoppingError

    def bury(self, shard_id: str, records: Sequence[Record], condition: str) -> None:
        """Keep what is given up."""
        dead_letters.append(self.dead, dead_letters.letter(self.mapping, self.source.arn, shard_id, records, condition))
        print(f"{self.mapping.id}: {len(records)} records are given up ({condition}): {self.dead}", flush=True)
