"""The Events table: inserts of what one call brought, and reads of a unit's events in the order they are folded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from fairsplit.domain.event import Event
from fairsplit.domain.event_chunks import EventChunk, from_row
from fairsplit.domain.outcome import Outcome
from fairsplit.domain.timestamps import now, to_text
from fairsplit.storage import keys
from fairsplit.storage.inserting import insert_many
from fairsplit.storage.packing import pack, unpack
from fairsplit.storage.pages import read_all

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class NewEvents:
    """The Events table as ingestion uses it."""

    client: DynamoDBClient
    table: str
    retention_days: int

    def insert(self, chunks: Sequence[EventChunk], stored_at: datetime) -> list[bool]:
        """Store chunks, 25 a call; for each, whether it is durable now.

        What was stored before is durable, and stays as it is. What the store still throttles after retries is not.
        """
        items = [to_item(chunk, stored_at, self.retention_days) for chunk in chunks]
        return [outcome is not Outcome.THROTTLED for outcome in insert_many(self.client, self.table, items)]


@dataclass(frozen=True)
class UnitEvents:
    """The Events table as attribution uses it."""

    client: DynamoDBClient
    table: str
    clock: Callable[[], datetime] = now

    def between(self, unit_id: str, first: date, last: date, *, limit: int | None = None) -> list[Event]:
        """A unit's events of the days from `first` to `last`, both included, in the order they are folded.

        That order is (stored_at, key, position): the fold keeps the first event of an id. The read is consistent and
        takes every page, but ends where it has `limit` events. Expired items are left out, removed or not.

        Raises:
            ThrottledError: DynamoDB throttles or does not answer.
        """
        return [from_row(unit_id, row) for _, rows in self._chunks(unit_id, first, last, limit) for row in rows][:limit]

    def placed(self, unit_id: str, first: date, last: date, *, limit: int | None = None) -> list[tuple[str, Event]]:
        """The same, each with its place: a text that sorts as they are folded, whatever comes or expires meanwhile.

        Raises:
            ThrottledError: as `between` does.
        """
        chunks = self._chunks(unit_id, first, last, limit)
        return [
            (f"{chunk}/{number:05}", from_row(unit_id, row))
            for chunk, rows in chunks
            for number, row in enumerate(rows)
        ][:limit]

    def _chunks(self, unit_id: str, first: date, last: date, limit: int | None) -> list[tuple[str, list[Any]]]:
        """The rows of each item, which has its place; in that order."""
        found: dict[str, list[Any]] = {}
        count = 0
        for item in self._unexpired(unit_id, *keys.day_range(first, last)):
            rows = unpack(item["events"])
            found[f"{item['stored_at']['S']}/{item['day_digest']['S']}"] = rows
            count += len(rows)
            if limit is not None and count >= limit:
                break
        return sorted(found.items())

    def _unexpired(self, unit_id: str, start: str, end: str) -> Iterator[dict[str, Any]]:
        second = self.clock().timestamp()
        query: dict[str, Any] = {
            "TableName": self.table,
            "ConsistentRead": True,
            "KeyConditionExpression": "unit_id = :unit AND day_digest BETWEEN :start AND :end",
            "ExpressionAttributeValues": {":unit": {"S": unit_id}, ":start": {"S": start}, ":end": {"S": end}},
        }
        return (item for item in read_all(self.client, query) if int(item["expires_at"]["N"]) > second)


def to_item(chunk: EventChunk, stored_at: datetime, retention_days: int) -> dict[str, Any]:
    """A chunk as DynamoDB's typed map. All items of a day expire together, so that no copy outlives the first."""
    return {
        "unit_id": {"S": chunk.unit_id},
        "day_digest": {"S": keys.day_digest(chunk.day, chunk.digest, holds_exposures=chunk.holds_exposures)},
        "stored_at": {"S": to_text(stored_at)},
        "expires_at": {"N": str(_expiry(chunk.day, retention_days))},
        "events": pack(chunk.rows()),
    }


def _expiry(day: date, retention_days: int) -> int:
    """Unix seconds of the end of the day, so many days later."""
    midnight = datetime.combine(day, time(), UTC)
    return int((midnight + timedelta(days=retention_days + 1)).timestamp())
