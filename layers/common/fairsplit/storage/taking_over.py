"""Sticky continuity: one transaction stores an assignment under the unit's new id, and takes the old one out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.errors import ThrottledError
from fairsplit.storage.assignment_items import from_item, insert_action
from fairsplit.storage.backing_off import ATTEMPTS, back_off
from fairsplit.storage.client import STORE_BUSY
from fairsplit.storage.transactions import CONDITION, refusals

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


def take_over(client: DynamoDBClient, table: str, wanted: Assignment, fallback: Assignment) -> Assignment | None:
    """Store `wanted` where there is none and mark the fallback merged: None when done, else the one that is there.

    The mark raises the fallback's version as every other change does, so rollup takes it out of the sums once.

    Raises:
        ThrottledError: the store is busy, or the fallback changed since it was read. Nothing is stored.
    """
    writes = [insert_action(table, wanted), _mark(table, fallback)]
    for attempt in range(1, ATTEMPTS + 1):
        refused = refusals(client, writes)
        if not refused:
            return None
        of_put, of_mark = refused
        if "Item" in of_put:
            return from_item(of_put["Item"])
        if of_mark["Code"] == CONDITION:
            raise ThrottledError("unit_contended", "The fallback unit has just changed. Try again in a moment.")
        back_off(attempt)
    raise ThrottledError("store_busy", STORE_BUSY)


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
