"""Heartbeats: one item that takes the way of every event, so that results can say how far the streams are read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fairsplit.domain.timestamps import from_text, to_text
from fairsplit.storage.client import patience
from fairsplit.storage.keys import HEARTBEAT_UNIT

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

NAME = "heartbeat"
KEPT = timedelta(days=2)


def send(client: DynamoDBClient, events_table: str, at: datetime) -> None:
    """Send a heartbeat into the Events table."""
    item: dict[str, Any] = {
        "unit_id": {"S": HEARTBEAT_UNIT},
        "day_digest": {"S": f"{NAME}#{to_text(at)}"},
        "expires_at": {"N": str(int((at + KEPT).timestamp()))},
    }
    with patience():
        client.put_item(TableName=events_table, Item=item)


def pass_on(client: DynamoDBClient, assignments_table: str, record: Mapping[str, Any]) -> None:
    """Attribution's part: write what came through the Events stream into the Assignments table."""
    with patience():
        client.update_item(
            TableName=assignments_table,
            Key={"unit_id": {"S": HEARTBEAT_UNIT}, "experiment": {"S": NAME}},
            UpdateExpression="SET sent_at = :at",
            ExpressionAttributeValues={":at": {"S": record["dynamodb"]["Keys"]["day_digest"]["S"].partition("#")[2]}},
        )


def is_heartbeat(record: Mapping[str, Any]) -> bool:
    """Whether a record of either stream is a heartbeat."""
    return bool(record["dynamodb"]["Keys"]["unit_id"]["S"] == HEARTBEAT_UNIT)


def is_from_events(record: Mapping[str, Any]) -> bool:
    """Whether the record is one of the Events stream."""
    return "day_digest" in record["dynamodb"]["Keys"]


def sent_at(record: Mapping[str, Any]) -> datetime:
    """Rollup's part: when the heartbeat of a record of the Assignments stream was sent."""
    return from_text(record["dynamodb"]["NewImage"]["sent_at"]["S"])
