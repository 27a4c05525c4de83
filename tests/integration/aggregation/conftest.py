from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.aggregation.breakdowns import Breakdowns

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="module")
def breakdowns(client: DynamoDBClient, tables: dict[str, str]) -> Breakdowns:
    return Breakdowns(client, tables)
