from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import Asking, Stored

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="module")
def asking(gateway: Gateway) -> Asking:
    return Asking(gateway)


@pytest.fixture(scope="module")
def stored(client: DynamoDBClient, tables: dict[str, str]) -> Stored:
    return Stored(client, tables["AssignmentsTable"])
