"""Rows of aggregates kept in memory, with the conditions that the store has, and who may be there in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from fairsplit.domain.aggregate import Mark, Row, RowKey


@dataclass
class FakeRows:
    """All rows. What others do in between is called ahead of each write: `before_put`, or `before_move`."""

    stored: dict[RowKey, Row] = field(default_factory=dict)
    before_put: Callable[[RowKey], object] = lambda _key: None
    before_move: Callable[[], object] = lambda: None
    puts: list[RowKey] = field(default_factory=list)
    moves: int = 0
    dropped: list[RowKey] = field(default_factory=list)
    notes: dict[tuple[str, str], Any] = field(default_factory=dict)
    snapshots: dict[date, Any] = field(default_factory=dict)
    marks: dict[str, Mark] = field(default_factory=dict)

    def put(self, key: RowKey, row: Row, *, read: Row | None) -> Row | None:
        self.before_put(key)
        self.puts.append(key)
        if not self._is_as_read(key, read):
            return self.stored.get(key, Row())
        self.stored[key] = row
        return None

    def rows(self, experiment: str, first_epoch: int, last_day: date | None = None) -> dict[RowKey, Row]:
        return {
            key: row
            for key, row in self.stored.items()
            if key.experiment == experiment and key.epoch >= first_epoch and (last_day is None or key.day <= last_day)
        }

    def move(self, before: Mapping[RowKey, Row | None], after: Mapping[RowKey, Row], now: datetime) -> bool:
        self.before_move()
        if not all(self._is_as_read(key, before[key]) for key in after):
            return False
        self.stored |= after
        self.moves += 1
        return True

    def drop(self, rows: Mapping[RowKey, Row]) -> None:
        self.dropped += rows
        for key in rows:
            del self.stored[key]

    def put_snapshot(self, experiment: str, day: date, value: Any) -> bool:
        return self.snapshots.setdefault(day, value) is value

    def put_note(self, experiment: str, name: str, value: Any) -> None:
        self.notes[experiment, name] = value

    def note(self, experiment: str, name: str) -> Any:
        return self.notes.get((experiment, name))

    def mark(self, experiment: str) -> Mark | None:
        return self.marks.get(experiment)

    def clear_mark(self, experiment: str, mark: Mark) -> None:
        if self.marks.get(experiment) == mark:
            del self.marks[experiment]

    def mark_for_recount(self, experiment: str, reason: str, at: datetime) -> None:
        self.marks[experiment] = Mark(reason, at)

    def note_heartbeat(self, sent_at: datetime, seen_at: datetime) -> None:
        self.notes["#health", "heartbeat"] = (sent_at, seen_at)

    def heartbeat(self) -> tuple[datetime, datetime] | None:
        return self.notes.get(("#health", "heartbeat"))

    def touch(self, key: RowKey) -> None:
        """Another writer, who changes nothing but the revision."""
        row = self.stored.get(key, Row())
        self.stored[key] = replace(row, revision=row.revision + 1)

    def _is_as_read(self, key: RowKey, read: Row | None) -> bool:
        there = self.stored.get(key)
        if read is None or there is None:
            return read is None and there is None
        return (there.seq, there.revision) == (read.seq, read.revision)
