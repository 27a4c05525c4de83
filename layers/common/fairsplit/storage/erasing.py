"""Erasure's side of the Assignments and Events tables."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.errors import ThrottledError
from fairsplit.storage.backing_off import ATTEMPTS, back_off
from fairsplit.storage.client import STORE_BUSY, patience, written
from fairsplit.storage.unit_totals import UnitTotals

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

BATCH = 25


@dataclass(frozen=True)
class ErasableAssignments(UnitTotals):
    """A unit's assignments, to be marked and then deleted."""

    def mark_erased(self, read: Assignment) -> bool:
        """Mark the item and drop what it knows of the unit; False where it changed since it was read."""
        return self._on_same_incarnation(
            self.client.update_item,
            read,
            "version = :read",
            UpdateExpression="SET erased = :true, version = :next REMOVE totals, dimensions",
            values={
                ":true": {"BOOL": True},
                ":read": {"N": str(read.version)},
                ":next": {"N": str(read.version + 1)},
            },
        )

    def delete(self, read: Assignment) -> None:
        """Delete the marked item."""
        self._on_same_incarnation(self.client.delete_item, read, "attribute_exists(erased)", values={})

    def _on_same_incarnation(
        self, write: Any, read: Assignment, condition: str, *, values: dict[str, Any], **arguments: str
    ) -> bool:
        return written(
            write,
            TableName=self.table,
            Key={"unit_id": {"S": read.unit_id}, "experiment": {"S": read.experiment}},
            ConditionExpression=f"{condition} AND incarnation = :incarnation",
            ExpressionAttributeValues=values | {":incarnation": {"S": read.incarnation}},
            **arguments,
        )


@dataclass(frozen=True)
class ErasableEvents:
    """A unit's raw events, to be deleted."""

    client: DynamoDBClient
    table: str

    def keys_of(self, unit_id: str, limit: int) -> list[str]:
        """Up to `limit` keys of the unit's items, read consistently."""
        with patience():
            page = self.client.query(
                TableName=self.table,
                ConsistentRead=True,
                KeyConditionExpression="unit_id = :unit",
                ExpressionAttributeValues={":unit": {"S": unit_id}},
                ProjectionExpression="day_digest",
                Limit=limit,
            )
        return [item["day_digest"]["S"] for item in page["Items"]]

    def delete(self, unit_id: str, keys: Collection[str]) -> None:
        """Delete the items.

        Raises:
            ThrottledError: some are left.
        """
        waiting: list[Any] = [
            {"DeleteRequest": {"Key": {"unit_id": {"S": unit_id}, "day_digest": {"S": key}}}} for key in keys
        ]
        for start in range(0, len(waiting), BATCH):
            self._write(waiting[start : start + BATCH])

    def _write(self, waiting: Sequence[Any]) -> None:
        for attempt in range(ATTEMPTS):
            if attempt:
                back_off(attempt)
            with patience():
                answer = self.client.batch_write_item(RequestItems={self.table: waiting})
            waiting = answer.get("UnprocessedItems", {}).get(self.table, [])
            if not waiting:
                return
        raise ThrottledError("store_busy", STORE_BUSY)
