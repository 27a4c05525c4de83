"""Pages of one partition of the Catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairsplit.storage.client import patience

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]


def read_page(
    client: DynamoDBClient,
    table: str,
    pk: str,
    limit: int,
    after: str | None,
    *,
    newest_first: bool = False,
    consistent: bool = True,
) -> tuple[list[Item], str | None]:
    """Up to `limit` items behind the sort key `after`; and the sort key behind which the next page begins, if any."""
    query: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": pk}},
        "ScanIndexForward": not newest_first,
        "Limit": limit,
        "ConsistentRead": consistent,
    }
    if after is not None:
        query["ExclusiveStartKey"] = {"pk": {"S": pk}, "sk": {"S": after}}
    with patience():
        page = client.query(**query)
    items: list[Any] = page["Items"]
    last: Any = page.get("LastEvaluatedKey")
    return items, last["sk"]["S"] if last else None
