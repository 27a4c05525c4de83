"""What a driver reads from: a stream's shards, and the records of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Shard:
    """A shard and the one it came from, whose records come first."""

    id: str
    parent: str | None = None


@dataclass(frozen=True)
class Page:
    """Records in their order; `is_last` where the shard is closed and nothing will follow them."""

    records: Sequence[Record]
    is_last: bool = False


class Source(Protocol):
    """A stream."""

    arn: str

    def shards(self) -> Sequence[Shard]:
        """The shards that are known by now."""
        ...

    def read(self, shard_id: str, after: str | None, most: int) -> Page:
        """Up to `most` records behind that sequence number; from the oldest where it is None."""
        ...


def seq_of(record: Record) -> str:
    """The record's sequence number."""
    return str(record["dynamodb"]["SequenceNumber"])
