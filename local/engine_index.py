"""An index for dynoxide's stream records.

dynoxide numbers each new record one above the highest, and looks for that by reading all records: a write takes the
longer, the more there were before (0.3 ms of CPU at first, 1 ms after 8,000, and so on). It also reads the records
from a number on so. With this index on its SQLite file both take the same time however many there are.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

INDEX = (
    "CREATE INDEX IF NOT EXISTS fairsplit_stream_order"
    " ON _stream_records (table_name, CAST(sequence_number AS INTEGER))"
)


def index_streams(database: Path) -> bool:
    """Add the index to the file of a running engine; False where a version of it keeps its records otherwise."""
    with closing(sqlite3.connect(database, timeout=20)) as connection, connection:
        try:
            connection.execute(INDEX)
        except sqlite3.OperationalError as error:
            if "no such" not in str(error):
                raise
            return False
    return True
