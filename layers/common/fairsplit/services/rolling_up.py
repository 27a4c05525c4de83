"""Rollup: add what changed in units' totals to the rows of aggregates, each change exactly once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from fairsplit.domain.aggregate import Change, Record, Row, RowKey, changes
from fairsplit.domain.errors import ThrottledError
from fairsplit.services.ports.rollup import Rows

ATTEMPTS = 10
KNOWN_ROWS = 1_000
KNOWN_SUMS = 200_000  # of all known rows together: some 40 MB


class Rollup:
    """Adds batches of one shard's records to their rows.

    It remembers the rows that it wrote: with one writer a shard they are almost always still the same, so a row costs
    one write and no read. Where compaction or another writer was there in between, the condition refuses the write
    and brings the row as it is; what the row has seen by then is left out, and the rest is added again.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.known: OrderedDict[RowKey, Row] = OrderedDict()
        self.known_sums = 0

    def apply(self, records: Iterable[Record], shard: str) -> None:
        """Add all records of a batch.

        A row is written in one piece, so a crash between two rows is mended by the same batch coming again.

        Raises:
            ThrottledError: the store is busy; the batch has to come again.
        """
        waiting: dict[RowKey, list[Change]] = {}
        for record in sorted(records, key=lambda one: one.seq):
            for key, change in changes(record, shard).items():
                waiting.setdefault(key, []).append(change)
        for key in sorted(waiting):
            self._add(key, waiting[key])

    def _add(self, key: RowKey, pieces: list[Change]) -> None:
        read = self.known.get(key)
        for _ in range(ATTEMPTS):
            before = read or Row()
            row = before.with_all_by_value(pieces) if key.is_of_dimension else before.with_all(pieces)
            if row is before:
                self._remember(key, read)
                return
            actual = self.rows.put(key, row, read=read)
            if actual is None:
                self._remember(key, row)
                return
            read = actual if actual.revision else None
        self._forget(key)
        raise ThrottledError("row_contended", f"a row of aggregates changed {ATTEMPTS} times while it was written")

    def _remember(self, key: RowKey, row: Row | None) -> None:
        self._forget(key)
        if row is not None:
            self.known[key] = row
            self.known_sums += len(row.moments.sums)
        while len(self.known) > KNOWN_ROWS or self.known_sums > KNOWN_SUMS:
            self._forget(next(iter(self.known)))

    def _forget(self, key: RowKey) -> None:
        row = self.known.pop(key, None)
        self.known_sums -= len(row.moments.sums) if row else 0
