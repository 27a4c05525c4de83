from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.recounts import Recounts

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="module")
def aggregates(client: DynamoDBClient, tables: dict[str, str]) -> Aggregates:
    return Aggregates(client, tables["AggregatesTable"])


@pytest.fixture(scope="module")
def recounts(client: DynamoDBClient, tables: dict[str, str]) -> Recounts:
    return Recounts(client, tables["CatalogTable"])
