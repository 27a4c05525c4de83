"""What rollup needs of the store."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from fairsplit.domain.aggregate import Row, RowKey


class Rows(Protocol):
    """Rows of aggregates."""

    def put(self, key: RowKey, row: Row, *, read: Row | None) -> Row | None:
        """Write the row where it still is what was read (None: absent).

        Returns None when written, else the row as it is; an empty Row where it is not there any more.
        """
        ...

    def mark_for_recount(self, experiment: str, reason: str, at: datetime) -> None:
        """Note that the experiment's sums can no longer be trusted."""
        ...

    def note_heartbeat(self, sent_at: datetime, seen_at: datetime) -> None:
        """Note how far the streams have been read."""
        ...
