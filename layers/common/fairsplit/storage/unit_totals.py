"""Attribution's side of the Assignments table: a unit's items, and the guarded write of its totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.dimensions import Value
from fairsplit.domain.totals import Totals
from fairsplit.storage.assignment_items import from_item
from fairsplit.storage.client import written
from fairsplit.storage.packing import pack
from fairsplit.storage.pages import read_all

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

GUARD = "version = :read AND incarnation = :incarnation AND epoch <= :epoch AND attribute_not_exists(erased)"


@dataclass(frozen=True)
class UnitTotals:
    """The Assignments table as attribution uses it."""

    client: DynamoDBClient
    table: str

    def of_unit(self, unit_id: str) -> list[Assignment]:
        """All the assignments of a unit, read consistently."""
        query: dict[str, Any] = {
            "TableName": self.table,
            "ConsistentRead": True,
            "KeyConditionExpression": "unit_id = :unit",
            "ExpressionAttributeValues": {":unit": {"S": unit_id}},
        }
        return [from_item(item) for item in read_all(self.client, query)]

    def write_totals(
        self,
        read: Assignment,
        totals: Totals,
        *,
        heavy: bool,
        epoch: int,
        dimensions: Mapping[str, Value] | None = None,
    ) -> bool:
        """Write the totals, raise the version and bring the epoch up; False where the item is another by now.

        `version` refuses what was folded from an older item, `incarnation` what was folded for an item that was
        erased since, `epoch` what was folded by older metrics.
        """
        fields: dict[str, Any] = {
            "totals": pack(totals.as_json()),
            "version": {"N": str(read.version + 1)},
            "epoch": {"N": str(epoch)},
        }
        if heavy:
            fields["heavy"] = {"BOOL": True}
        if dimensions is not None:
            fields["dimensions"] = pack(dict(dimensions))
        return written(
            self.client.update_item,
            TableName=self.table,
            Key={"unit_id": {"S": read.unit_id}, "experiment": {"S": read.experiment}},
            UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in fields),
            ConditionExpression=GUARD,
            ExpressionAttributeValues={f":{name}": value for name, value in fields.items()}
            | {":read": {"N": str(read.version)}, ":incarnation": {"S": read.incarnation}},
        )
