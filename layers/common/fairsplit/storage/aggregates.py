"""The Aggregates table: rows of sums, the moves between them, and notes on their health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fairsplit.domain.aggregate import ALL_EXPERIMENTS, BASE, Mark, Row, RowKey
from fairsplit.domain.timestamps import from_text, to_text
from fairsplit.storage.aggregate_items import EMPTY_ROWS_EXPIRE_AFTER, from_item, guard, key_of, to_item
from fairsplit.storage.client import CONDITION_FAILED, code_of, patience, written
from fairsplit.storage.keys import COMPACTIONS, MARK, day_of_snapshot, epoch_prefix, snapshot_row
from fairsplit.storage.packing import pack, unpack
from fairsplit.storage.pages import read_all
from fairsplit.storage.transactions import write_all

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

HEARTBEAT = "heartbeat"
AFTER_DIGITS = ":"  # the character behind 9: every row key sorts before it, every ~ note behind


@dataclass(frozen=True)
class Aggregates:
    """The table as rollup, maintenance and results use it. All reads are consistent."""

    client: DynamoDBClient
    table: str

    def put(self, key: RowKey, row: Row, *, read: Row | None) -> Row | None:
        """Write a row where it still is what was read; None when written, else the row as it is (empty: gone)."""
        try:
            with patience():
                self.client.put_item(
                    TableName=self.table,
                    Item=to_item(key, row),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **guard(read),
                )
        except ClientError as error:
            if code_of(error) != CONDITION_FAILED:
                raise
            item: Any = error.response.get("Item")
            return from_item(item)[1] if item else Row()
        return None

    def rows(self, experiment: str, first_epoch: int, last_day: date | None = None) -> dict[RowKey, Row]:
        """All rows of an experiment from an epoch on, up to and with a day."""
        query: dict[str, Any] = {
            "TableName": self.table,
            "ConsistentRead": True,
            "KeyConditionExpression": "experiment = :experiment AND row_key BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":experiment": {"S": experiment},
                ":first": {"S": epoch_prefix(first_epoch)},
                ":last": {"S": AFTER_DIGITS},
            },
        }
        rows = dict(from_item(item) for item in read_all(self.client, query))
        return {key: row for key, row in rows.items() if last_day is None or key.day <= last_day}

    def compactions(self, experiment: str) -> int:
        """How often sums of the experiment were moved between rows."""
        return int(self._note(experiment, COMPACTIONS).get("moves", {}).get("N", "0"))

    def move(self, before: Mapping[RowKey, Row | None], after: Mapping[RowKey, Row], now: datetime) -> bool:
        """Write rows all at once where all still are what was read, and count it; False where one is not.

        An empty row keeps its `seq`, so that what comes again is known, and expires when nothing can come again. A
        base row that has overflowed says so for ever.
        """
        expiry = now + EMPTY_ROWS_EXPIRE_AFTER
        writes: list[Any] = [
            {
                "Put": {
                    "TableName": self.table,
                    "Item": to_item(key, row, expiry if _is_of_no_use(key, row) else None),
                    **guard(before[key]),
                }
            }
            for key, row in after.items()
        ]
        return write_all(self.client, [*writes, self._count_move(next(iter(after)).experiment)])

    def drop(self, rows: Mapping[RowKey, Row]) -> None:
        """Remove rows of an epoch that nobody reads any more, where they still are what was read."""
        for key, row in rows.items():
            written(self.client.delete_item, TableName=self.table, Key=key_of(key), **guard(row))

    def mark_for_recount(self, experiment: str, reason: str, at: datetime) -> None:
        """Note that the sums of the experiment, or of all, can no longer be trusted."""
        self._put_note(experiment, MARK, {"reason": {"S": reason}, "at": {"S": to_text(at)}})

    def mark(self, experiment: str) -> Mark | None:
        """The note that the experiment wants a recount; None where it does not."""
        note = self._note(experiment, MARK)
        return Mark(note["reason"]["S"], from_text(note["at"]["S"])) if note else None

    def clear_mark(self, experiment: str, mark: Mark) -> None:
        """The recount is queued; a note that was made since stays."""
        written(
            self.client.delete_item,
            TableName=self.table,
            Key=_note_key(experiment, MARK),
            ConditionExpression="#at = :at",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues={":at": {"S": to_text(mark.at)}},
        )

    def note_heartbeat(self, sent_at: datetime, seen_at: datetime) -> None:
        """Note that all streams have been read up to what was sent at that time."""
        self._put_note(
            ALL_EXPERIMENTS, HEARTBEAT, {"sent_at": {"S": to_text(sent_at)}, "seen_at": {"S": to_text(seen_at)}}
        )

    def heartbeat(self) -> tuple[datetime, datetime] | None:
        """When the last heartbeat that came through was sent and seen; None before the first."""
        note = self._note(ALL_EXPERIMENTS, HEARTBEAT)
        return (from_text(note["sent_at"]["S"]), from_text(note["seen_at"]["S"])) if note else None

    def put_snapshot(self, experiment: str, day: date, value: Any) -> bool:
        """Keep a JSON value as the day's snapshot where there is none yet; whether it was kept."""
        return self._put_note(experiment, snapshot_row(day), {"snapshot": pack(value)}, "attribute_not_exists(row_key)")

    def snapshot(self, experiment: str, day: date) -> Any:
        """The day's snapshot; None where there is none."""
        note = self._note(experiment, snapshot_row(day))
        return unpack(note["snapshot"]) if note else None

    def snapshots(self, experiment: str, last_day: date) -> list[tuple[date, Any]]:
        """All snapshots up to and with a day, in their order."""
        query: dict[str, Any] = {
            "TableName": self.table,
            "ConsistentRead": True,
            "KeyConditionExpression": "experiment = :experiment AND row_key BETWEEN :first AND :last",
            "ExpressionAttributeValues": {
                ":experiment": {"S": experiment},
                ":first": {"S": snapshot_row(date.min)},
                ":last": {"S": snapshot_row(last_day)},
            },
        }
        return [
            (day_of_snapshot(item["row_key"]["S"]), unpack(item["snapshot"])) for item in read_all(self.client, query)
        ]

    def put_note(self, experiment: str, name: str, value: Any) -> None:
        """Keep a JSON value under a name beside the experiment's rows."""
        self._put_note(experiment, name, {"note": pack(value)})

    def note(self, experiment: str, name: str) -> Any:
        """The JSON value under that name; None where there is none."""
        note = self._note(experiment, name)
        return unpack(note["note"]) if note else None

    def _note(self, experiment: str, name: str) -> dict[str, Any]:
        with patience():
            answer = self.client.get_item(TableName=self.table, Key=_note_key(experiment, name), ConsistentRead=True)
        return dict(answer.get("Item", {}))

    def _put_note(self, experiment: str, name: str, values: dict[str, Any], condition: str | None = None) -> bool:
        extra: dict[str, Any] = {"ConditionExpression": condition} if condition else {}
        item = _note_key(experiment, name) | values
        return written(self.client.put_item, TableName=self.table, Item=item, **extra)

    def _count_move(self, experiment: str) -> Any:
        return {
            "Update": {
                "TableName": self.table,
                "Key": _note_key(experiment, COMPACTIONS),
                "UpdateExpression": "ADD moves :one",
                "ExpressionAttributeValues": {":one": {"N": "1"}},
            }
        }


def _is_of_no_use(key: RowKey, row: Row) -> bool:
    """Whether nothing is lost with the row once no record can come again."""
    return not (row.moments or row.steps or (row.overflow and key.shard == BASE))


def _note_key(experiment: str, name: str) -> dict[str, Any]:
    return {"experiment": {"S": experiment}, "row_key": {"S": name}}
