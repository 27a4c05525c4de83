"""One shard's records on their way into a function, as Lambda's poller brings them there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any
from zlib import crc32

from local.streams.answers import InvocationError, first_failed
from local.streams.mapping import Mapping
from local.streams.source import Record
from local.streams.tumbling import Window

Invoke = Callable[[dict[str, Any]], Any]
Bury = Callable[[str, Sequence[Record], str], None]
Run = Callable[[Callable[[Sequence[Record]], None], Iterable[Sequence[Record]]], Iterable[None]]


class Delivery:
    """Delivers one shard's records to one mapping's function.

    `invoke(event)` returns the function's answer or raises InvocationError. `back_off(attempt)` is called before each
    retry. `bury(shard_id, records, condition)` takes what is given up. `run(deliver, lanes)` is `map`, or one that maps
    in threads. What any of them raises else passes through: then nothing more than what was invoked has happened.
    """

    def __init__(
        self,
        mapping: Mapping,
        shard_id: str,
        stream_arn: str,
        invoke: Invoke,
        *,
        bury: Bury,
        back_off: Callable[[int], None],
        now: Callable[[], float],
        run: Run = map,
    ) -> None:
        self.mapping = mapping
        self.shard_id = shard_id
        self.invoke = invoke
        self.bury = bury
        self.back_off = back_off
        self.now = now
        self.run = run
        self.window = Window(mapping.tumbling_seconds, shard_id, stream_arn) if mapping.tumbling_seconds else None

    def deliver(self, records: Sequence[Record]) -> None:
        """Deliver records that have passed the filters, until each is done or given up."""
        for _ in self.run(self._deliver_lane, lanes_of(records, self.mapping.factor)):
            pass

    def close_window(self) -> None:
        """End the tumbling window that is open and over, with an invocation that has no records."""
        if self.window and self.window.is_over(self.now()):
            self._end_window(self.window)

    def _deliver_lane(self, records: Sequence[Record]) -> None:
        if not self.window:
            return self._deliver_all(records)
        for start, group in groupby(records, self.window.start_of):
            if self.window.is_other(start):
                self._end_window(self.window)
            self.window.open(start)
            self._deliver_all(list(group))
        return None

    def _deliver_all(self, records: Sequence[Record]) -> None:
        for index in range(0, len(records), self.mapping.batch_size):
            self._deliver_batch(records[index : index + self.mapping.batch_size])

    def _deliver_batch(self, batch: Sequence[Record]) -> None:
        """Invoke until all is done: from the first that failed on, halved after a failure where the mapping bisects.

        Halves do not count as retries, and progress starts their count again.
        """
        waiting = [(batch, 0)]
        while waiting:
            records, attempt = waiting.pop()
            left = self._attempt(records)
            if not left:
                continue
            if 0 < len(left) < len(records):
                waiting.append((left, 0))
            elif self.mapping.bisects and len(left) > 1:
                middle = len(left) // 2
                waiting += [(left[middle:], attempt), (left[:middle], attempt)]
            elif 0 <= self.mapping.retries <= attempt:
                self.bury(self.shard_id, left, "RetryAttemptsExhausted")
                continue
            else:
                waiting.append((left, attempt + 1))
            self.back_off(attempt + 1)

    def _attempt(self, records: Sequence[Record]) -> Sequence[Record]:
        """One invocation; the records that have to come again."""
        records = self._young(records)
        if not records:
            return []
        event = {"Records": list(records)}
        try:
            answer = self.invoke(event | self.window.fields() if self.window else event)
            if self.window:
                self.window.keep(answer)
            return records[first_failed(records, answer) :] if self.mapping.partial else []
        except InvocationError:
            return records

    def _young(self, records: Sequence[Record]) -> Sequence[Record]:
        """The records that are not too old; the others are given up."""
        limit = self.mapping.oldest_seconds
        if limit < 0:
            return records
        old = [record for record in records if self.now() - time_of(record) > limit]
        if old:
            self.bury(self.shard_id, old, "RecordAgeExceeded")
        return [record for record in records if record not in old]

    def _end_window(self, window: Window) -> None:
        attempt = 0
        while True:
            try:
                self.invoke({"Records": []} | window.fields(is_final=True))
                return window.close()
            except InvocationError:
                attempt += 1
                if 0 <= self.mapping.retries < attempt:
                    return window.close()
                self.back_off(attempt)


def time_of(record: Record) -> float:
    """About when the change was made, in seconds since 1970."""
    return float(record["dynamodb"]["ApproximateCreationDateTime"])


def lanes_of(records: Sequence[Record], factor: int) -> list[Sequence[Record]]:
    """The records in as many lanes as may run side by side; those of one key stay in one lane, in their order."""
    lanes: list[list[Record]] = [[] for _ in range(factor)]
    for record in records:
        lanes[lane_of(record, factor)].append(record)
    return [lane for lane in lanes if lane]


def lane_of(record: Record, count: int) -> int:
    """The lane of a record's item."""
    return crc32(repr(sorted(_pairs(record))).encode()) % count


def _pairs(record: Record) -> Iterator[tuple[str, str]]:
    for name, value in record["dynamodb"]["Keys"].items():
        yield name, repr(value)
