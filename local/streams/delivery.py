"""One shard's records on their way into a function, as Lambda's poller brings them there.

A `Delivery` is a plain object without clock, threads or I/O: it is handed records in their order and calls
`invoke(event)`. A batch is done when it was delivered, or given up after its retries; only then may a checkpoint move
behind it. Whoever drives it may stop at any point and begin again from an older checkpoint with other batches: that
is what a crash looks like to a function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

from local.streams.mapping import Mapping

Record = Dictionary[str, Any]


class InvocationError(Exception):
    """The function failed: it raised, timed out or crashed."""


@dataclass
class Delivery:
    """Delivers one shard's records to one mapping's function.

    `invoke` returns the function's answer or raises InvocationError. `back_off(attempt)` is called before each retry
    and may raise to stop. `bury(records, reason)` takes what is given up.
    """

    mapping: Mapping
    shard_id: str
    stream_arn: str
    invoke: Callable[[dict[str, Any]], Any]
    back_off: Callable[[int], None]
    bury: Callable[[Sequence[Record], str], None]
    state: dict[str, Any] = field(default_factory=dict)
    window: int | None = None

    def lanes(self, records: Sequence[Record]) -> list[list[Record]]:
        """The records that pass the filters, in as many lanes as run side by side; a key's records stay in one."""
        lanes: list[list[Record]] = [[] for _ in range(self.mapping.factor)]
        for record in records:
            if self.mapping.takes(record):
                key = repr(sorted(record["dynamodb"]["Keys"].items()))
                lanes[crc32(key.encode()) % self.mapping.factor].append(record)
        return [lane for lane in lanes if lane]

    def deliver(self, records: Sequence[Record]) -> None:
        """Deliver one lane's records, in windows where the mapping has them, until all are done or given up."""
        for batch in self._windows(records):
            self._deliver_batch(list(batch))

    def _windows(self, records: Sequence[Record]) -> list[list[Record]]:
        if not self.mapping.tumbling_seconds:
            return [list(records)]
        batches: list[list[Record]] = []
        last = None
        for record in records:
            window = self._window_of(record)
            if window != last:
                batches.append([])
                last = window
            batches[-1].append(record)
        return batches

    def _window_of(self, record: Record) -> int:
        seconds = int(float(record["dynamodb"]["ApproximateCreationDateTime"]))
        return seconds // self.mapping.tumbling_seconds * self.mapping.tumbling_seconds

    def _deliver_batch(self, batch: list[Record]) -> None:
        if self.mapping.tumbling_seconds:
            self._enter(self._window_of(batch[0]))
        waiting = [batch]
        attempts = 0
        while waiting:
            left = self._attempt(waiting[0])
            if not left:
                waiting.pop(0)
                attempts = 0
                continue
            attempts += 1
            if 0 <= self.mapping.retries < attempts:
                self.bury(left, "RetryAttemptsExhausted")
                waiting.pop(0)
                attempts = 0
                continue
            waiting[0:1] = self._split(left) if self.mapping.bisects else [left]
            self.back_off(attempts)

    def _split(self, records: list[Record]) -> list[list[Record]]:
        middle = len(records) // 2
        return [records[:middle], records[middle:]] if middle else [records]

    def _attempt(self, records: list[Record]) -> list[Record]:
        """One invocation; the records that have to come again, from the first that failed on."""
        try:
            answer = self.invoke(self._event(records))
        except InvocationError:
            return records
        if self.mapping.tumbling_seconds:
            self.state = (answer or {}).get("state", {})
        return records[self._first_failed(records, answer) :] if self.mapping.partial else []

    @staticmethod
    def _first_failed(records: list[Record], answer: Any) -> int:
        """The index of the first record that is reported as failed; behind the last where none is, 0 for nonsense."""
        failures = (answer or {}).get("batchItemFailures") or []
        numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
        indexes = [
            numbers.index(one["itemIdentifier"]) if one.get("itemIdentifier") in numbers else 0 for one in failures
        ]
        return min(indexes, default=len(records))

    def _event(self, records: list[Record]) -> dict[str, Any]:
        event: dict[str, Any] = {"Records": list(records)}
        return event | self._window_fields(is_final=False) if self.mapping.tumbling_seconds else event

    def _window_fields(self, *, is_final: bool) -> dict[str, Any]:
        start = self.window or 0
        return {
            "window": {"start": _iso(start), "end": _iso(start + self.mapping.tumbling_seconds)},
            "state": self.state,
            "shardId": self.shard_id,
            "eventSourceARN": self.stream_arn,
            "isFinalInvokeForWindow": is_final,
            "isWindowTerminatedEarly": False,
        }

    def _enter(self, window: int) -> None:
        """Close the window before, with a last invocation without records, where another begins."""
        if self.window is not None and window != self.window:
            attempts = 0
            while True:
                try:
                    self.invoke({"Records": []} | self._window_fields(is_final=True))
                    break
                except InvocationError:
                    attempts += 1
                    self.back_off(attempts)
            self.state = {}
        self.window = window


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
