from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import Stored
from tests.integration.flags.evaluating import Flags

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="module")
def flags(gateway: Gateway) -> Flags:
    return Flags(gateway)


@pytest.fixture(scope="module")
def stored(client: DynamoDBClient, tables: dict[str, str]) -> Stored:
    return Stored(client, tables["AssignmentsTable"])


@pytest.fixture(scope="module")
def sdk_token(gateway: Gateway) -> str:
    """The secret of a token that may stand in a path."""
    token = gateway.post("/v1/tokens", {"name": "pages", "role": "client", "kind": "sdk"})
    return str(token.body["token"])
