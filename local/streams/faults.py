"""What goes wrong with streams, for tests: shards split, deliveries come again in other orders, processes die."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from local.streams.checkpoints import Remembered
from local.streams.delivery import Invoke, lane_of
from local.streams.source import Page, Record, Shard, Source, seq_of

START = "0"


class CrashError(Exception):
    """The process died: before a call, or after it and before anybody knew."""


def crashing(invoke: Invoke, random: Random, chance: float = 0.2) -> Invoke:
    """The function, whose caller dies before or after some of the calls."""

    def call(event: dict[str, Any]) -> Any:
        if random.random() < chance / 2:
            raise CrashError("before the call")
        answer = invoke(event)
        if random.random() < chance / 2:
            raise CrashError("after the call")
        return answer

    return call


class Replayable(Remembered):
    """Places that remember how far each has ever been, and can be set back."""

    def __init__(self) -> None:
        super().__init__()
        self.been: dict[str, list[str]] = {}

    def put(self, key: str, sequence_number: str) -> None:
        super().put(key, sequence_number)
        self.been.setdefault(key, []).append(sequence_number)

    def furthest(self, shard_id: str) -> int:
        """The sequence number up to which every mapping has delivered the shard before."""
        places = [max(map(int, been)) for key, been in self.been.items() if key.endswith(f" {shard_id}")]
        return min(places, default=0)

    def rewind(self, random: Random) -> None:
        """Set each place back, some to the very start; drivers made from now on deliver again from there."""
        for key, been in self.been.items():
            place = random.choice([START, *been])
            if place == START:
                self.places.pop(key, None)
            else:
                self.places[key] = place


@dataclass(frozen=True)
class Piece:
    """A shard of ours: a part of the keys of a real shard, from one sequence number to another."""

    shard: Shard
    real: str
    parts: tuple[int, ...] = ()  # which half of the keys, at each split
    after: str = START
    until: str | None = None

    def has(self, record: Record) -> bool:
        halves = lane_of(record, 1 << 16)
        is_inside = all(halves >> depth & 1 == part for depth, part in enumerate(self.parts))
        return is_inside and int(self.after) < int(seq_of(record)) <= int(self.until or seq_of(record))


class FaultySource:
    """A source whose shards split when told, whose pages end anywhere, and whose repetitions come in any order.

    Only what a driver has checkpointed before changes its order: Lambda delivers in order the first time.
    """

    def __init__(self, source: Source, places: Replayable, random: Random) -> None:
        self.source = source
        self.places = places
        self.random = random
        self.arn = source.arn
        self.pieces: dict[str, Piece] = {}

    def shards(self) -> Sequence[Shard]:
        for shard in self.source.shards():
            self.pieces.setdefault(shard.id, Piece(shard, shard.id))
        return [piece.shard for piece in self.pieces.values()]

    def open_shards(self) -> list[str]:
        """The shards that can still be split."""
        self.shards()
        return [name for name, piece in self.pieces.items() if piece.until is None]

    def split(self, shard_id: str) -> tuple[str, str]:
        """Close an open shard here and now; its keys' further records come in two children, whose ids these are."""
        self.shards()
        old = self.pieces[shard_id]
        last = max((seq_of(record) for record in self._all(old, old.after)), key=int, default=old.after)
        self.pieces[shard_id] = Piece(old.shard, old.real, old.parts, old.after, last)
        children = [self._child(old, part, last) for part in (0, 1)]
        return children[0].shard.id, children[1].shard.id

    def _child(self, old: Piece, part: int, last: str) -> Piece:
        shard = Shard(f"{old.shard.id}-{part}", old.shard.id)
        child = self.pieces[shard.id] = Piece(shard, old.real, (*old.parts, part), last)
        return child

    def read(self, shard_id: str, after: str | None, most: int) -> Page:
        piece = self.pieces[shard_id]
        records = self._all(piece, max(after or START, piece.after, key=int))
        cut = self.random.randint(1, max(1, min(most, len(records))))
        is_last = piece.until is not None and cut >= len(records)
        return Page(self._reordered(shard_id, records[:cut]), is_last)

    def _all(self, piece: Piece, after: str) -> list[Record]:
        records: list[Record] = []
        place = None if after == START else after
        while page := self.source.read(piece.real, place, 1_000).records:
            records += [record for record in page if piece.has(record) and int(seq_of(record)) > int(after)]
            place = seq_of(page[-1])
        return records

    def _reordered(self, shard_id: str, records: list[Record]) -> list[Record]:
        furthest = self.places.furthest(shard_id)
        again = [record for record in records if int(seq_of(record)) <= furthest]
        self.random.shuffle(again)
        return again + [record for record in records if int(seq_of(record)) > furthest]
