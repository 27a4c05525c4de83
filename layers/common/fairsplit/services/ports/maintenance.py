"""What maintenance needs of the stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from fairsplit.domain.aggregate import Mark, Row, RowKey
from fairsplit.domain.recount import Recount


class UnitIndex(Protocol):
    """The units of an experiment, in as many parts as the index has."""

    @property
    def parts(self) -> int: ...

    def page(self, experiment: str, shard: int, after: str | None, limit: int) -> Sequence[str]:
        """Unit ids of one part of the index, in order, behind `after`; empty at the end."""
        ...


class RecountStore(Protocol):
    """Recounts and their progress."""

    def read(self, key: str) -> Recount: ...

    def save(self, recount: Recount, fence: int) -> bool:
        """Save progress; False where a newer recount or a later holder of the lease has taken over."""
        ...


class AggregateStore(Protocol):
    """Rows of aggregates as maintenance moves and reads them."""

    def rows(self, experiment: str, first_epoch: int, last_day: date | None = None) -> dict[RowKey, Row]: ...

    def move(self, before: Mapping[RowKey, Row | None], after: Mapping[RowKey, Row], now: datetime) -> bool: ...

    def drop(self, rows: Mapping[RowKey, Row]) -> None: ...

    def put_snapshot(self, experiment: str, day: date, value: Any) -> bool: ...

    def put_note(self, experiment: str, name: str, value: Any) -> None: ...

    def note(self, experiment: str, name: str) -> Any: ...

    def mark(self, experiment: str) -> Mark | None: ...

    def mark_for_recount(self, experiment: str, reason: str, at: datetime) -> None: ...

    def clear_mark(self, experiment: str, mark: Mark) -> None: ...

    def heartbeat(self) -> tuple[datetime, datetime] | None:
        """When the last heartbeat that came through all streams was sent, and when it was seen."""
        ...
