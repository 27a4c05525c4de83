"""Pages of one partition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    """Up to `limit` items of the Catalog behind the sort key `after`; and where the next page begins, if any."""
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


def read_all(client: DynamoDBClient, query: Mapping[str, Any]) -> Iterator[Item]:
    """All items of a query, page by page.

    Raises:
        ThrottledError: DynamoDB throttles or does not answer.
    """
    following: dict[str, Any] = {}
    while True:
        with patience():
            page = client.query(**query, **following)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        following = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
