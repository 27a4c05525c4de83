"""The engine's stream records are indexed, so that a write costs the same however many there were before."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from local import engine
from local.engine_index import index_streams

NUMBERING = (
    "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 'Events'"
)
READING = (
    "SELECT * FROM _stream_records WHERE table_name = 'Events' AND shard_id = 's'"
    " AND CAST(sequence_number AS INTEGER) > 7 ORDER BY CAST(sequence_number AS INTEGER) LIMIT 1000"
)


@pytest.mark.engine
@pytest.mark.parametrize("statement", [NUMBERING, READING], ids=["numbering", "reading"])
def test_the_engines_statements_use_the_index(tmp_path: Path, statement: str) -> None:
    with engine.start(tmp_path, "dynoxide"), closing(sqlite3.connect(tmp_path / engine.DATABASE)) as database:
        plan = database.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    assert "USING INDEX fairsplit_stream_order" in str(plan)
    assert "SCAN" not in str(plan)
    assert "TEMP B-TREE" not in str(plan)


def test_an_index_that_is_there_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "file")) as database:
        database.execute("CREATE TABLE _stream_records (table_name TEXT, sequence_number TEXT)")
    assert [index_streams(tmp_path / "file"), index_streams(tmp_path / "file")] == [True, True]


def test_an_engine_that_keeps_its_records_otherwise_runs_without_the_index(tmp_path: Path) -> None:
    assert not index_streams(tmp_path / "file")
