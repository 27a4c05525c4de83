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
        """Up to `limit` unit ids of one part, behind the unit `after`; empty at the end."""
        part = index_shards(experiment)[shard]
        condition, values = "experiment_shard = :part", {":part": {"S": part}}
        if after is not None:
            condition, values = f"{condition} AND unit_id > :after", values | {":after": {"S": after}}
        query: dict[str, Any] = {
            "TableName": self.table,
            "IndexName": INDEX,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
            "Limit": limit,
        }
        with patience():
            page = self.client.query(**query)
        return [item["unit_id"]["S"] for item in page["Items"]]
