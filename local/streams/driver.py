"""One mapping on one stream: which shard is read when, which records make a round, and when its checkpoint moves."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from local.streams.checkpoints import Places
from local.streams.delivery import Bury, Delivery, Invoke, Run
from local.streams.mapping import Mapping
from local.streams.source import Record, Source, seq_of

MOST_STEPS = 100_000
READ_AT_ONCE = 1_000


def no_waiting(_attempt: int) -> None:
    """Retry at once."""


def forget(_shard_id: str, _records: Sequence[Record], _condition: str) -> None:
    """Keep no dead letters."""


class Driver:
    """Brings a stream's records to a function, in steps; whatever is raised in between, a new driver can go on."""

    def __init__(
        self,
        mapping: Mapping,
        source: Source,
        invoke: Invoke,
        places: Places,
        *,
        bury: Bury = forget,
        back_off: Callable[[int], None] = no_waiting,
        now: Callable[[], float] = time.time,
        run: Run = map,
    ) -> None:
        self.mapping = mapping
        self.source = source
        self.places = places
        self.now = now
        self.readers: dict[str, Reader] = {}
        self._deliveries = partial(
            Delivery, mapping, stream_arn=source.arn, invoke=invoke, bury=bury, back_off=back_off, now=now, run=run
        )

    def step(self, *, is_hurried: bool = False) -> int:
        """Read each shard that is due once, and deliver what is due; how many records were read or delivered.

        In a hurry, no batch waits for its window to end.
        """
        moved = 0
        shards = self.source.shards()
        for shard in shards:
            if shard.id not in self.readers:
                self.readers[shard.id] = Reader(self, self._deliveries(shard_id=shard.id))
        for shard in shards:
            reader, parent = self.readers[shard.id], self.readers.get(shard.parent or "")
            if not reader.is_done and (parent is None or parent.is_done):
                moved += reader.step(is_hurried=is_hurried)
        return moved


class Reader:
    """One shard, from its checkpoint on. It holds what it has read and passes the filters, until that is due."""

    def __init__(self, driver: Driver, delivery: Delivery) -> None:
        mapping = driver.mapping
        self.driver = driver
        self.delivery = delivery
        self.key = f"{mapping.id} {driver.source.arn} {delivery.shard_id}"
        self.place = self.kept = driver.places.get(self.key)  # where reading has come to, and the checkpoint
        self.most = mapping.batch_size * mapping.factor
        self.held: list[Record] = []
        self.held_since = 0.0
        self.is_closed = False

    @property
    def is_done(self) -> bool:
        """Whether all was delivered that the shard will ever have."""
        return self.is_closed and not self.held

    def step(self, *, is_hurried: bool) -> int:
        """Read, and deliver a round if one is due; how many records were read or delivered."""
        moved = self._read()
        if self.held and (is_hurried or self._is_due()):
            moved += self._deliver()
        if not self.held:
            self.delivery.close_window()
            self._keep(self.place)
        return moved

    def _read(self) -> int:
        if len(self.held) >= self.most or self.is_closed:
            return 0
        page = self.driver.source.read(self.delivery.shard_id, self.place, READ_AT_ONCE)
        self.is_closed = page.is_last
        if page.records:
            if not self.held:
                self.held_since = self.driver.now()
            self.held += [record for record in page.records if self.driver.mapping.takes(record)]
            self.place = _last(page.records)
        return len(page.records)

    def _is_due(self) -> bool:
        waited = self.driver.now() - self.held_since
        is_full = len(self.held) >= self.driver.mapping.batch_size
        return is_full or self.is_closed or waited >= self.driver.mapping.window_seconds

    def _deliver(self) -> int:
        records = self.held[: self.most]
        self.delivery.deliver(records)
        self._keep(_last(records))
        self.held = self.held[self.most :]
        return len(records)

    def _keep(self, place: str | None) -> None:
        if place is not None and place != self.kept:
            self.driver.places.put(self.key, place)
            self.kept = place


def _last(records: Sequence[Record]) -> str:
    return max((seq_of(record) for record in records), key=int)


def drain(driver: Driver) -> None:
    """Step until nothing moves any more.

    Raises:
        RuntimeError: that has no end.
    """
    for _ in range(MOST_STEPS):
        if not driver.step(is_hurried=True):
            return
    raise RuntimeError("the stream has no end")
