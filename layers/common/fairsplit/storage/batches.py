"""Items by their keys, up to 100 a call; what DynamoDB leaves out is asked for again, with back-off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fairsplit.domain.errors import ThrottledError
from fairsplit.storage.backing_off import ATTEMPTS, back_off
from fairsplit.storage.client import STORE_BUSY, patience

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

BATCH = 100  # keys that one call may ask for


def read_many(client: DynamoDBClient, table: str, keys: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the items that exist, in any order, read consistently; keys all different.

    Raises:
        ThrottledError: DynamoDB throttles.
    """
    batches = (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
    return [item for batch in batches for item in _read_batch(client, table, batch)]


def _read_batch(client: DynamoDBClient, table: str, keys: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """All of a batch: DynamoDB leaves out what it throttles, and what is over 16 MB."""
    found: list[dict[str, Any]] = []
    waiting: Any = {table: {"Keys": list(keys), "ConsistentRead": True}}
    in_vain = 0
    while in_vain < ATTEMPTS:
        with patience():
            answer = client.batch_get_item(RequestItems=waiting)
        items: list[Any] = answer["Responses"].get(table, [])
        found += items
        waiting = answer.get("UnprocessedKeys")
        if not waiting:
            return found
        in_vain = 0 if items else in_vain + 1
        back_off(in_vain)
    raise ThrottledError("store_busy", STORE_BUSY)
