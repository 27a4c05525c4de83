"""Records, streams in memory, and functions that fail as they are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from local.streams.answers import InvocationError
from local.streams.mapping import Mapping
from local.streams.source import Page, Record, Shard, seq_of


def record(number: int, key: str = "u1", at: float = 1000.0, name: str = "INSERT") -> Record:
    return {
        "eventID": f"e{number}",
        "eventName": name,
        "dynamodb": {
            "Keys": {"unit_id": {"S": key}},
            "SequenceNumber": str(number),
            "ApproximateCreationDateTime": at,
        },
    }


def records(*numbers: int) -> list[Record]:
    return [record(number) for number in numbers]


def mapping(**settings: Any) -> Mapping:
    return Mapping(id="F.Source", function="F", table="T", **settings)


@dataclass
class MemorySource:
    """A stream: shards with their parents, and each one's records; those in `closed` get no more."""

    content: dict[str, list[Record]]
    parents: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    arn: str = "arn:stream"

    def shards(self) -> Sequence[Shard]:
        return [Shard(name, self.parents.get(name)) for name in self.content]

    def read(self, shard_id: str, after: str | None, most: int) -> Page:
        behind = [one for one in self.content[shard_id] if int(seq_of(one)) > int(after or 0)]
        return Page(behind[:most], shard_id in self.closed and len(behind) <= most)


@dataclass
class Function:
    """A function that notes what it is called with; `answer` says what it does with a batch."""

    answer: Callable[[list[int]], Any] = lambda _numbers: None
    events: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, event: dict[str, Any]) -> Any:
        self.events.append(event)
        return self.answer(self.batches[-1])

    @property
    def batches(self) -> list[list[int]]:
        """The numbers of each call's records."""
        return [[int(seq_of(one)) for one in event["Records"]] for event in self.events]


def failing_with(poison: int) -> Callable[[list[int]], Any]:
    """Fails as a whole where the batch has that number."""

    def answer(numbers: list[int]) -> Any:
        if poison in numbers:
            raise InvocationError("poison")

    return answer


def reporting(*failed: Any) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}
