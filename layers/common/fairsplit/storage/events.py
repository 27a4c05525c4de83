"""The Events table: inserts of what one call brought, and reads of a unit's events in the order they are folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from fairsplit.domain.event import Event
from fairsplit.domain.event_chunks import EventChunk, from_row
from fairsplit.domain.timestamps import to_text
from fairsplit.storage import keys
from fairsplit.storage.client import patience
from fairsplit.storage.inserting import Outcome, insert_many
from fairsplit.storage.packing import pack, unpack

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


def insert_chunks(
    client: DynamoDBClient, table: str, chunks: Sequence[EventChunk], *, stored_at: datetime, retention_days: int
) -> list[bool]:
    """Store chunks, 25 a call; for each, whether it is durable now. What was stored before is, and stays as it is."""
    items = [to_item(chunk, stored_at=stored_at, retention_days=retention_days) for chunk in chunks]
    return [outcome is not Outcome.THROTTLED for outcome in insert_many(client, table, items)]


def to_item(chunk: EventChunk, *, stored_at: datetime, retention_days: int) -> dict[str, Any]:
    """A chunk as DynamoDB's typed map. All items of a day expire together, so that none outlives its first copy."""
    return {
        "unit_id": {"S": chunk.unit_id},
        "day_digest": {"S": keys.day_digest(chunk.day, chunk.digest)},
        "stored_at": {"S": to_text(stored_at)},
        "expires_at": {"N": str(_expiry(chunk.day, retention_days))},
        "events": pack(chunk.rows()),
    }


def read_events(
    client: DynamoDBClient,
    table: str,
    unit_id: str,
    first_day: date,
    last_day: date,
    *,
    now: datetime,
    at_most: int | None = None,
) -> list[Event]:
    """A unit's events of the days from `first_day` to `last_day`, both included, in the order they are folded.

    That order is (stored_at, key, position): the fold keeps the first event of an id. The read is consistent and takes
    every page, but stops once it holds more than `at_most` events. Expired items are left out, removed or not.

    Raises:
        ThrottledError: DynamoDB throttles or does not answer.
    """
    items: list[dict[str, Any]] = []
    rows = 0
    for item in _items(client, table, unit_id, first_day, last_day):
        if int(item["expires_at"]["N"]) <= now.timestamp():
            continue
        items.append({"order": (item["stored_at"]["S"], item["day_digest"]["S"]), "rows": unpack(item["events"])})
        rows += len(items[-1]["rows"])
        if at_most is not None and rows > at_most:
            break
    items.sort(key=lambda item: item["order"])
    return [from_row(unit_id, row) for item in items for row in item["rows"]]


def _items(
    client: DynamoDBClient, table: str, unit_id: str, first_day: date, last_day: date
) -> Iterator[dict[str, Any]]:
    start, end = keys.day_range(first_day, last_day)
    question: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "unit_id = :unit_id AND day_digest BETWEEN :start AND :end",
        "ExpressionAttributeValues": {":unit_id": {"S": unit_id}, ":start": {"S": start}, ":end": {"S": end}},
        "ConsistentRead": True,
    }
    while True:
        with patience():
            page = client.query(**question)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        question["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _expiry(day: date, retention_days: int) -> int:
    """Unix seconds of the end of the day, so many days later."""
    midnight = datetime.combine(day, time(), UTC)
    return int((midnight + timedelta(days=retention_days + 1)).timestamp())
