"""The Assignments table as assigning uses it: conditional inserts, and reads of what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.outcome import Outcome
from fairsplit.storage import batches
from fairsplit.storage.assignment_items import from_item, to_item
from fairsplit.storage.client import CONDITION_FAILED, code_of, patience, written
from fairsplit.storage.inserting import insert_many
from fairsplit.storage.keys import index_shards
from fairsplit.storage.pages import read_all
from fairsplit.storage.taking_over import take_over
from fairsplit.storage.unit_index import read_part

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

IDENTITY = (
    "unit_id",
    "experiment",
    "variant",
    "bucket",
    "assigned_at",
    "incarnation",
    "version",
    "epoch",
    "erased",
    "merged",
    "continues",
)
LISTED = ("unit_id", "experiment", "variant", "assigned_at")
Place = tuple[int, str | None]  # a part of the index, and the last unit of it that was read


@dataclass(frozen=True)
class Assignments:
    """Stored assignments."""

    client: DynamoDBClient
    table: str

    def find(self, unit_id: str, experiment: str, *, consistent: bool = False) -> Assignment | None:
        """The stored assignment, or None; for half the price, so maybe a moment old, unless `consistent`."""
        with patience():
            answer = self.client.get_item(
                TableName=self.table, Key=_key(unit_id, experiment), ConsistentRead=consistent
            )
        item = answer.get("Item")
        return from_item(item) if item else None

    def find_many(self, assignments: Sequence[Assignment]) -> list[Assignment]:
        """What is stored in the places of these, as it is now."""
        keys = [_key(one.unit_id, one.experiment) for one in assignments]
        return [from_item(item) for item in batches.read_many(self.client, self.table, keys)]

    def of_unit(self, unit_id: str) -> list[Assignment]:
        """All the assignments of a unit, without their totals; for half the price, so maybe a moment old."""
        query: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "unit_id = :unit",
            "ExpressionAttributeValues": {":unit": {"S": unit_id}},
            "ProjectionExpression": ", ".join(f"#{name}" for name in IDENTITY),
            "ExpressionAttributeNames": {f"#{name}": name for name in IDENTITY},
        }
        return [from_item(item) for item in read_all(self.client, query) if "variant" in item]

    def insert(self, assignment: Assignment) -> Assignment | None:
        """Store it where there is none: None when it was stored, else the one that is there, in the same round trip."""
        try:
            with patience():
                self.client.put_item(
                    TableName=self.table,
                    Item=to_item(assignment),
                    ConditionExpression="attribute_not_exists(unit_id)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            if code_of(error) != CONDITION_FAILED:
                raise
            there: Any = error.response["Item"]  # type: ignore[typeddict-item]  # asked for by ALL_OLD
            return from_item(there)
        return None

    def take_over(self, wanted: Assignment, fallback: Assignment) -> Assignment | None:
        """Store it where there is none and mark the fallback merged, both or none; else the one that is there."""
        return take_over(self.client, self.table, wanted, fallback)

    def insert_many(self, assignments: Sequence[Assignment]) -> list[Outcome]:
        """Store each where there is none, 25 a call; their keys are all different."""
        return insert_many(self.client, self.table, [to_item(one) for one in assignments])

    def take_back(self, assignments: Sequence[Assignment]) -> None:
        """Delete each that is stored as it was given, of this very incarnation."""
        for one in assignments:
            written(
                self.client.delete_item,
                TableName=self.table,
                Key=_key(one.unit_id, one.experiment),
                ConditionExpression="incarnation = :mine",
                ExpressionAttributeValues={":mine": {"S": one.incarnation}},
            )

    def page_of_unit(self, unit_id: str, limit: int, after: str | None) -> tuple[list[Assignment], str | None]:
        """A unit's assignments by experiment, behind `after`; and where the next page begins, if any."""
        query: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "unit_id = :unit",
            "ExpressionAttributeValues": {":unit": {"S": unit_id}},
            "Limit": limit,
            "ConsistentRead": True,
        }
        if after is not None:
            query["ExclusiveStartKey"] = {"unit_id": {"S": unit_id}, "experiment": {"S": after}}
        with patience():
            page = self.client.query(**query)
        items: list[Any] = page["Items"]
        last: Any = page.get("LastEvaluatedKey")
        found = [from_item(item) for item in items if "variant" in item]
        return [one for one in found if not one.erased], last["experiment"]["S"] if last else None

    def page_of_experiment(self, key: str, limit: int, place: Place) -> tuple[list[dict[str, str]], Place | None]:
        """Units of an experiment with variant and time, from the index; and the place of the next page, if any."""
        parts = index_shards(key)
        part, after = place
        found: list[dict[str, str]] = []
        while part < len(parts):
            items, following = read_part(self.client, self.table, parts[part], after, limit - len(found))
            found += [{name: item[name]["S"] for name in LISTED} for item in items]
            if len(found) >= limit:
                return found, (part, found[-1]["unit_id"])
            part, after = (part, following) if following else (part + 1, None)
        return found, None


def _key(unit_id: str, experiment: str) -> dict[str, Any]:
    return {"unit_id": {"S": unit_id}, "experiment": {"S": experiment}}
