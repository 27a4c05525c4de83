"""Namespaces in the Catalog: one item each, changed in the transaction that changes an experiment's range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairsplit.domain.namespaces import Taken
from fairsplit.storage.client import patience
from fairsplit.storage.keys import CURRENT, namespace_pk
from fairsplit.storage.packing import pack, unpack

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


def read_taken(client: DynamoDBClient, table: str, namespace: str) -> Taken:
    """The ranges of a namespace that are taken, read consistently."""
    with patience():
        answer = client.get_item(TableName=table, Key=_key(namespace), ConsistentRead=True)
    item: Any = answer.get("Item")
    if item is None:
        return Taken(namespace)
    ranges = {key: (span[0], span[1]) for key, span in unpack(item["ranges"]).items()}
    return Taken(namespace, ranges, int(item["revision"]["N"]))


def put_taken_action(table: str, taken: Taken) -> dict[str, Any]:
    """The part of a transaction that stores the ranges, where nobody changed them since they were read."""
    item = _key(taken.namespace) | {
        "ranges": pack({key: list(span) for key, span in taken.ranges.items()}),
        "revision": {"N": str(taken.revision + 1)},
    }
    read = {"ExpressionAttributeValues": {":read": {"N": str(taken.revision)}}} if taken.revision else {}
    condition = "revision = :read" if taken.revision else "attribute_not_exists(pk)"
    return {"Put": {"TableName": table, "Item": item, "ConditionExpression": condition, **read}}


def _key(namespace: str) -> dict[str, Any]:
    return {"pk": {"S": namespace_pk(namespace)}, "sk": {"S": CURRENT}}
