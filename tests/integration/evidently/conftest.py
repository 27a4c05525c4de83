from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import Stored
from tests.integration.events.stored import Stored as StoredEvents
from tests.integration.evidently.asking import Evidently

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@pytest.fixture(scope="module")
def evidently(gateway: Gateway) -> Evidently:
    return Evidently(gateway)


@pytest.fixture(scope="module")
def stored(client: DynamoDBClient, tables: dict[str, str]) -> Stored:
    return Stored(client, tables["AssignmentsTable"])


@pytest.fixture(scope="module")
def stored_events(client: DynamoDBClient, tables: dict[str, str]) -> StoredEvents:
    return StoredEvents(client, tables["EventsTable"])
