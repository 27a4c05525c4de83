"""Sticky continuity: one transaction stores an assignment under the unit's new id, and takes the old one out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.errors import ThrottledError
from fairsplit.storage.assignment_items import from_item, to_item
from fairsplit.storage.backing_off import ATTEMPTS, back_off
from fairsplit.storage.client import STORE_BUSY, code_of, patience

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

REFUSED = "ConditionalCheckFailed"
PASSING = {"None", REFUSED, "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def take_over(client: DynamoDBClient, table: str, wanted: Assignment, fallback: Assignment) -> Assignment | None:
    """Store `wanted` where there is none and mark the fallback merged: None when done, else the one that is there.

    The mark raises the fallback's version as every other change does, so rollup takes it out of the sums once.

    Raises:
        ThrottledError: the store is busy, or the fallback changed since it was read. Nothing is stored.
    """
    writes: Any = [_put(table, wanted), _mark(table, fallback)]
    for attempt in range(1, ATTEMPTS + 1):
        refusals = _write(client, writes)
        if not refusals:
            return None
        of_put, of_mark = refusals
        if "Item" in of_put:
            return from_item(of_put["Item"])
        if of_mark["Code"] == REFUSED:
            raise ThrottledError("unit_contended", "The fallback unit has just changed. Try again in a moment.")
        back_off(attempt)
    raise ThrottledError("store_busy", STORE_BUSY)


def _write(client: DynamoDBClient, writes: Any) -> list[Any]:
    """Why each of the writes was refused; nothing where all were made."""
    try:
        with patience():
            client.transact_write_items(TransactItems=writes)
    except ClientError as error:
        response: Any = error.response
        refusals: list[Any] = response.get("CancellationReasons", [])
        if code_of(error) != "TransactionCanceledException" or not {one["Code"] for one in refusals} <= PASSING:
            raise
        return refusals
    return []


def _put(table: str, wanted: Assignment) -> dict[str, Any]:
    return {
        "Put": {
            "TableName": table,
            "Item": to_item(wanted),
            "ConditionExpression": "attribute_not_exists(unit_id)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def _mark(table: str, fallback: Assignment) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": table,
            "Key": {"unit_id": {"S": fallback.unit_id}, "experiment": {"S": fallback.experiment}},
            "UpdateExpression": "SET merged = :true, version = version + :one",
            "ConditionExpression": (
                "incarnation = :mine AND attribute_not_exists(erased) AND attribute_not_exists(merged)"
            ),
            "ExpressionAttributeValues": {
                ":true": {"BOOL": True},
                ":one": {"N": "1"},
                ":mine": {"S": fallback.incarnation},
            },
        }
    }
