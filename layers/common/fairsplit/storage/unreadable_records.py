"""Stream records that rollup could not read: kept aside for two weeks, for who has to find out why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fairsplit.storage.client import patience
from fairsplit.storage.keys import UNREADABLE
from fairsplit.storage.packing import pack
from fairsplit.storage.stream_records import seq_of

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=14)
LARGEST = 300_000  # bytes packed; an item may have 400 KB


def keep_aside(client: DynamoDBClient, table: str, record: Mapping[str, Any], at: datetime) -> None:
    """Store the record in Aggregates, or its key alone where it is too large for an item; again is no harm."""
    whole = pack(record)
    value = whole if len(next(iter(whole.values()))) <= LARGEST else pack(record["dynamodb"].get("Keys"))
    item: dict[str, Any] = {
        "experiment": {"S": UNREADABLE},
        "row_key": {"S": seq_of(record)},
        "record": value,
        "expires_at": {"N": str(int((at + KEPT).timestamp()))},
    }
    with patience():
        client.put_item(TableName=table, Item=item)
