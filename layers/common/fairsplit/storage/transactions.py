"""Transactions, and what their refusal means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from fairsplit.domain.errors import ThrottledError
from fairsplit.storage.client import RETRYABLE, STORE_BUSY, code_of, patience

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

CONDITION = "ConditionalCheckFailed"
REFUSED = {CONDITION, "TransactionConflict"}
PASSING = {"None", CONDITION, "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}


def write_all(client: DynamoDBClient, writes: Sequence[Any]) -> bool:
    """Write all or nothing; False where a condition does not hold, or another transaction holds an item just now.

    Raises:
        ThrottledError: DynamoDB throttles.
    """
    try:
        with patience():
            client.transact_write_items(TransactItems=writes)
    except ClientError as error:
        if code_of(error) != "TransactionCanceledException":
            raise
        reasons = _reasons(error)
        if reasons & REFUSED:
            return False
        if reasons and reasons <= RETRYABLE:
            raise ThrottledError("store_busy", STORE_BUSY) from error
        raise
    return True


def refusals(client: DynamoDBClient, writes: Sequence[Any]) -> list[Any]:
    """Write all or nothing: why each of the writes was refused, in their order; nothing where all were made.

    Raises:
        ThrottledError: DynamoDB throttles the call as a whole, or does not answer.
    """
    try:
        with patience():
            client.transact_write_items(TransactItems=writes)
    except ClientError as error:
        response: Any = error.response
        found: list[Any] = response.get("CancellationReasons", [])
        if code_of(error) != "TransactionCanceledException" or not {one["Code"] for one in found} <= PASSING:
            raise
        return found
    return []


def _reasons(error: ClientError) -> set[str]:
    """Why single writes were refused."""
    response: Any = error.response
    return {reason.get("Code", "None") for reason in response.get("CancellationReasons", [])} - {"None"}
