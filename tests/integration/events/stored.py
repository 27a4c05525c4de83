"""What the Events table holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fairsplit.domain.event import Event
from fairsplit.domain.timestamps import day_of, now
from fairsplit.storage.events import UnitEvents

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Stored:
    """The table as it is."""

    client: DynamoDBClient
    table: str

    def events(self, unit_id: str) -> list[Event]:
        """All events of a unit of the last 100 days, in the order they are folded."""
        today = day_of(now())
        return UnitEvents(self.client, self.table).between(unit_id, today - timedelta(days=100), today)

    def items(self, unit_id: str) -> list[dict[str, Any]]:
        """All items of a unit."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table,
            ConsistentRead=True,
            KeyConditionExpression="unit_id = :unit",
            ExpressionAttributeValues={":unit": {"S": unit_id}},
        )
        return [dict(item) for page in pages for item in page["Items"]]

    def count(self) -> int:
        """How many items there are."""
        pages = self.client.get_paginator("scan").paginate(TableName=self.table, Select="COUNT", ConsistentRead=True)
        return sum(page["Count"] for page in pages)
