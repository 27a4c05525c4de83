"""Event types in the Catalog, all in one partition, so that ingestion reads them in one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fairsplit.domain.event_type import EventType
from fairsplit.storage.client import patience
from fairsplit.storage.keys import EVENT_TYPES
from fairsplit.storage.packing import pack, unpack
from fairsplit.storage.pages import read_page

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class EventTypes:
    """The event types of the Catalog."""

    client: DynamoDBClient
    table: str

    def read(self) -> list[EventType]:
        """All event types, by name."""
        types: list[EventType] = []
        after: str | None = None
        while True:
            items, after = read_page(self.client, self.table, EVENT_TYPES, 1_000, after, consistent=False)
            types += [from_item(item) for item in items]
            if after is None:
                return types

    def page(self, limit: int, after: str | None) -> tuple[list[EventType], str | None]:
        """Up to `limit` event types behind the name `after`; and where the next page begins, if any."""
        items, following = read_page(self.client, self.table, EVENT_TYPES, limit, after)
        return [from_item(item) for item in items], following

    def find(self, name: str) -> EventType | None:
        """One event type; None where there is none of that name."""
        with patience():
            answer = self.client.get_item(TableName=self.table, Key=_key(name), ConsistentRead=True)
        item: Any = answer.get("Item")
        return from_item(item) if item else None

    def put(self, event_type: EventType) -> None:
        """Keep an event type; one of the same name is replaced."""
        fields = {"schema": pack(event_type.schema), "mode": {"S": event_type.mode}}
        with patience():
            self.client.put_item(TableName=self.table, Item=_key(event_type.type) | fields)

    def delete(self, name: str) -> bool:
        """Remove an event type; False where there was none."""
        with patience():
            answer = self.client.delete_item(TableName=self.table, Key=_key(name), ReturnValues="ALL_OLD")
        return bool(answer.get("Attributes"))


def from_item(item: dict[str, Any]) -> EventType:
    """A stored event type."""
    return EventType(item["sk"]["S"], unpack(item["schema"]), item["mode"]["S"])


def _key(name: str) -> dict[str, Any]:
    return {"pk": {"S": EVENT_TYPES}, "sk": {"S": name}}
