from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway import Gateway
from tests.integration.events.sending import Sender
from tests.integration.events.stored import Stored

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="module")
def sender(gateway: Gateway) -> Sender:
    """The events function, in an execution environment that is warm."""
    sender = Sender(gateway)
    assert sender.post({"unit_id": "warm", "type": "warm"}).status == 202
    return sender


@pytest.fixture(scope="module")
def stored(client: DynamoDBClient, tables: dict[str, str]) -> Stored:
    return Stored(client, tables["EventsTable"])
