"""Rows of aggregates as DynamoDB holds them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fairsplit.domain.aggregate import Row, RowKey
from fairsplit.domain.moments import Moments
from fairsplit.domain.timestamps import from_text, to_text
from fairsplit.storage.keys import aggregate_row, split_aggregate_row
from fairsplit.storage.packing import pack, unpack

EMPTY_ROWS_EXPIRE_AFTER = timedelta(hours=72)  # three times as long as a stream keeps its records


def key_of(key: RowKey) -> dict[str, Any]:
    """The primary key of a row."""
    return {"experiment": {"S": key.experiment}, "row_key": {"S": aggregate_row(key.epoch, key.day, key.shard)}}


def to_item(key: RowKey, row: Row, expires_at: datetime | None = None) -> dict[str, Any]:
    """The whole item of a row; with `expires_at` it goes away by itself."""
    item = key_of(key) | {
        "moments": pack(row.moments.as_json()),
        "steps": {"N": str(row.steps)},
        "seq": {"S": row.seq},
        "revision": {"N": str(row.revision)},
    }
    if row.seen_at:
        item["seen_at"] = {"S": to_text(row.seen_at)}
    if row.overflow:
        item["overflow"] = {"BOOL": True}
    if expires_at:
        item["expires_at"] = {"N": str(int(expires_at.timestamp()))}
    return item


def from_item(item: dict[str, Any]) -> tuple[RowKey, Row]:
    """A stored row."""
    epoch, day, shard = split_aggregate_row(item["row_key"]["S"])
    row = Row(
        moments=Moments.from_json(unpack(item["moments"])),
        steps=int(item["steps"]["N"]),
        seq=item["seq"]["S"],
        revision=int(item["revision"]["N"]),
        seen_at=from_text(item["seen_at"]["S"]) if "seen_at" in item else None,
        overflow="overflow" in item,
    )
    return RowKey(item["experiment"]["S"], epoch, day, shard), row


def guard(read: Row | None) -> dict[str, Any]:
    """The condition that a row is still the one that was read (None: that it is absent).

    `revision` is raised by every writer, compaction too; `seq` alone would let a rollup that read before a compaction
    write the moved sums a second time.
    """
    if read is None:
        return {"ConditionExpression": "attribute_not_exists(row_key)"}
    return {
        "ConditionExpression": "seq = :seq AND revision = :revision",
        "ExpressionAttributeValues": {":seq": {"S": read.seq}, ":revision": {"N": str(read.revision)}},
    }
