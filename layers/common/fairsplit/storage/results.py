"""What results read of the Catalog and of Assignments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.keys import is_key
from fairsplit.domain.recount import Recount
from fairsplit.storage import experiment_items, recounts
from fairsplit.storage.assignment_items import from_item
from fairsplit.storage.batches import BATCH, read_many
from fairsplit.storage.client import patience
from fairsplit.storage.keys import CURRENT, experiment_pk
from fairsplit.storage.unit_index import UnitIndex

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

PAGE = 1_000


@dataclass(frozen=True)
class ExperimentsWithRecount:
    """Experiments of the Catalog, each with its recount."""

    client: DynamoDBClient
    table: str

    def read_with_recount(self, key: str) -> tuple[Experiment, Recount] | None:
        """Both, consistently, in one call; None where there is no experiment of that key."""
        if not is_key(key):
            return None
        with patience():
            page = self.client.query(
                TableName=self.table,
                ConsistentRead=True,
                KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
                ExpressionAttributeValues={
                    ":pk": {"S": experiment_pk(key)},
                    ":first": {"S": CURRENT},
                    ":last": {"S": recounts.SK},
                },
            )
        items: dict[str, Any] = {item["sk"]["S"]: item for item in page["Items"]}
        if CURRENT not in items:
            return None
        return experiment_items.from_item(items[CURRENT]), recounts.from_item(key, items.get(recounts.SK))


@dataclass(frozen=True)
class Units:
    """The units of an experiment with their totals."""

    client: DynamoDBClient
    table: str

    def pages(self, experiment: str) -> Iterator[list[Assignment]]:
        """All units, up to 100 a page, read consistently."""
        index = UnitIndex(self.client, self.table)
        for part in range(index.parts):
            after = None
            while units := index.page(experiment, part, after, PAGE):
                after = units[-1]
                yield from self._read(experiment, units)

    def _read(self, experiment: str, units: list[str]) -> Iterator[list[Assignment]]:
        keys = [{"unit_id": {"S": unit}, "experiment": {"S": experiment}} for unit in units]
        for start in range(0, len(keys), BATCH):
            yield [from_item(item) for item in read_many(self.client, self.table, keys[start : start + BATCH])]
