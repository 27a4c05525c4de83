"""The tumbling window of one shard: what it adds to events, and the state that goes from one to the next."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from local.streams.answers import state_of
from local.streams.source import Record


class Window:
    """Windows of so many seconds, one after another; at most one is open."""

    def __init__(self, seconds: int, shard_id: str, stream_arn: str) -> None:
        self.seconds = seconds
        self.shard_id = shard_id
        self.stream_arn = stream_arn
        self.start: int | None = None
        self.state: dict[str, Any] = {}

    def start_of(self, record: Record) -> int:
        """The start of the window that the record belongs to."""
        moment = int(float(record["dynamodb"]["ApproximateCreationDateTime"]))
        return moment - moment % self.seconds

    def is_other(self, start: int) -> bool:
        """Whether another window than this is open."""
        return self.start is not None and self.start != start

    def is_over(self, now: float) -> bool:
        """Whether one is open whose time is over."""
        return self.start is not None and now >= self.start + self.seconds

    def open(self, start: int) -> None:
        self.start = start

    def close(self) -> None:
        self.start = None
        self.state = {}

    def keep(self, answer: Any) -> None:
        """Keep the state that a function answered.

        Raises:
            InvocationError: it answered none.
        """
        self.state = state_of(answer)

    def fields(self, *, is_final: bool = False) -> dict[str, Any]:
        """What the event has besides its records."""
        start = self.start or 0
        return {
            "window": {"start": _iso(start), "end": _iso(start + self.seconds)},
            "state": self.state,
            "shardId": self.shard_id,
            "eventSourceARN": self.stream_arn,
            "isFinalInvokeForWindow": is_final,
            "isWindowTerminatedEarly": False,
        }


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
