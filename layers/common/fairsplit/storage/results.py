"""What results read of the Catalog and of Assignments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.experiment import Experiment, is_key
from fairsplit.domain.recount import Recount
from fairsplit.storage import experiment_items, recounts
from fairsplit.storage.assignment_items import from_item
from fairsplit.storage.client import patience
from fairsplit.storage.keys import CURRENT, experiment_pk
from fairsplit.storage.unit_index import UnitIndex

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

BATCH = 100  # items a batched read may ask for
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
                for start in range(0, len(units), BATCH):
                    yield self._read(experiment, units[start : start + BATCH])

    def _read(self, experiment: str, units: list[str]) -> list[Assignment]:
        keys = [{"unit_id": {"S": unit}, "experiment": {"S": experiment}} for unit in units]
        waiting: Any = {self.table: {"Keys": keys, "ConsistentRead": True}}
        found: list[Assignment] = []
        while waiting:
            with patience():
                answer = self.client.batch_get_item(RequestItems=waiting)
            items: list[Any] = answer["Responses"].get(self.table, [])
            found += [from_item(item) for item in items]
            waiting = answer.get("UnprocessedKeys")
        return found
