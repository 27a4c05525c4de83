"""Leases: one holder at a time, for a while, with a number that grows with each holder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fairsplit.domain.timestamps import to_text
from fairsplit.storage.client import CONDITION_FAILED, code_of, patience, written

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Lease:
    """A lease of the Catalog by its name."""

    client: DynamoDBClient
    table: str
    name: str

    def take(self, holder: str, now: datetime, length: timedelta) -> int | None:
        """Take the lease where it is free or has run out: its fencing number, or None where another holds it.

        Asking twice in one holder's name renews it.
        """
        try:
            with patience():
                answer = self.client.update_item(
                    TableName=self.table,
                    Key=self._key(),
                    UpdateExpression="SET holder = :holder, held_until = :until ADD fence :one",
                    ConditionExpression="attribute_not_exists(holder) OR held_until < :now OR holder = :holder",
                    ExpressionAttributeValues={
                        ":holder": {"S": holder},
                        ":until": {"S": to_text(now + length)},
                        ":now": {"S": to_text(now)},
                        ":one": {"N": "1"},
                    },
                    ReturnValues="UPDATED_NEW",
                )
        except ClientError as error:
            if code_of(error) == CONDITION_FAILED:
                return None
            raise
        return int(answer["Attributes"]["fence"]["N"])

    def give_back(self, holder: str, now: datetime) -> None:
        """Free the lease where the holder still has it."""
        written(
            self.client.update_item,
            TableName=self.table,
            Key=self._key(),
            UpdateExpression="SET held_until = :now REMOVE holder",
            ConditionExpression="holder = :holder",
            ExpressionAttributeValues={":holder": {"S": holder}, ":now": {"S": to_text(now)}},
        )

    def _key(self) -> dict[str, Any]:
        return {"pk": {"S": f"LEASE#{self.name}"}, "sk": {"S": "LEASE"}}
