"""The units of an experiment with their totals, part by part, in the order of their ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairsplit.domain.assignment import Assignment
from fairsplit.storage.assignment_items import from_item
from fairsplit.storage.batches import read_many
from fairsplit.storage.keys import INDEX_SHARDS
from fairsplit.storage.unit_index import UnitIndex

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class UnitsInParts:
    """The index by_experiment, and the items that it leads to."""

    client: DynamoDBClient
    table: str
    parts: int = INDEX_SHARDS

    def page(self, experiment: str, part: int, after: str, limit: int) -> list[Assignment]:
        """Up to `limit` units of one part behind the unit `after`, read consistently; empty at the end alone.

        The index is a moment behind: what it still has and the table has no more is passed over.
        """
        index = UnitIndex(self.client, self.table)
        while ids := index.page(experiment, part, after, limit):
            keys = [{"unit_id": {"S": unit_id}, "experiment": {"S": experiment}} for unit_id in ids]
            found = [from_item(item) for item in read_many(self.client, self.table, keys)]
            if found:
                return sorted(found, key=lambda unit: unit.unit_id)
            after = ids[-1]
        return []
