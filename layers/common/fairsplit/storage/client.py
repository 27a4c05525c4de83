"""The one DynamoDB client, and the place where its errors become ours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnectionError

from fairsplit.domain.errors import ThrottledError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

# What DynamoDB says when the same call may go through later.
RETRYABLE = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
CONDITION_FAILED = "ConditionalCheckFailedException"
STORE_BUSY = "The store is throttling. Try again after the time in Retry-After."


def dynamodb(endpoint_url: str | None = None) -> DynamoDBClient:
    """A client that retries with back-off, and gives up well within a request's time."""
    logging.getLogger("botocore").setLevel(logging.INFO)  # at DEBUG it writes whole items: units, attributes, values
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 3},
        connect_timeout=1,
        read_timeout=3,  # three attempts and the waits between them end within the shortest function's 15 seconds
        max_pool_connections=32,
        user_agent="fairsplit",  # a fixed one skips building the long one for each call
    )
    client: DynamoDBClient = boto3.client("dynamodb", endpoint_url=endpoint_url, config=config)
    return client


def code_of(error: ClientError) -> str:
    """DynamoDB's word for what went wrong."""
    return error.response["Error"].get("Code", "")


@contextmanager
def patience() -> Iterator[None]:
    """Within it, an error that may pass is a ThrottledError; every other rises as it is.

    Raises:
        ThrottledError: DynamoDB throttles, or did not answer in time. What was being written may have been written.
    """
    try:
        yield
    except ClientError as error:
        if code_of(error) in RETRYABLE:
            raise ThrottledError("store_busy", STORE_BUSY) from error
        raise
    except (NoConnectionError, HTTPClientError) as error:
        raise ThrottledError(
            "store_busy", "The store did not answer. Try again after the time in Retry-After."
        ) from error


def written(write: Callable[..., object], **arguments: Any) -> bool:
    """Make a conditional write; False where its condition does not hold.

    Raises:
        ThrottledError: see `patience`.
    """
    try:
        with patience():
            write(**arguments)
    except ClientError as error:
        if code_of(error) == CONDITION_FAILED:
            return False
        raise
    return True
