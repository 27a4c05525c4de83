"""The index by_experiment: the units of an experiment, in 16 parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fairsplit.storage.client import patience
from fairsplit.storage.keys import INDEX, INDEX_SHARDS, index_shards

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class UnitIndex:
    """Unit ids of an experiment in the order of the index, which may be a moment behind the table."""

    client: DynamoDBClient
    table: str
    parts: int = INDEX_SHARDS

    def page(self, experiment: str, shard: int, after: str | None, limit: int) -> list[str]:
        """Up to `limit` unit ids of one part, behind the unit `after`; empty at the end, and there alone."""
        items, _ = read_part(self.client, self.table, index_shards(experiment)[shard], after, limit)
        return [item["unit_id"]["S"] for item in items]


def read_part(
    client: DynamoDBClient, table: str, part: str, after: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Up to `limit` items of one part, behind the unit `after`; and the unit behind which the next ones are, if any.

    There may be more behind fewer than `limit`: DynamoDB ends a page at 1 MB. A page that has no items is the last.
    """
    condition, values = "experiment_shard = :part", {":part": {"S": part}}
    if after is not None:
        condition, values = f"{condition} AND unit_id > :after", values | {":after": {"S": after}}
    query: dict[str, Any] = {
        "TableName": table,
        "IndexName": INDEX,
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": values,
        "Limit": limit,
    }
    with patience():
        page = client.query(**query)
    last: Any = page.get("LastEvaluatedKey")
    return [dict(item) for item in page["Items"]], last["unit_id"]["S"] if last else None
