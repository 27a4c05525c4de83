from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.counting import Counts, counted
from tests.gateway import Gateway
from tests.integration.assignments.asking import Stored
from tests.integration.events.stored import Stored as StoredEvents
from tests.integration.evidently.asking import Evidently, load_time

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


@pytest.fixture
def warm(gateway: Gateway, evidently: Evidently, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counts]:
    """A process that knows token and schemas, and does not grow older; what it asks for is counted."""
    evidently.start_anew()
    evidently.put([load_time(1, "warm")])
    module = gateway.globals_of("evidently")
    still = module["now"]()
    for holder in (module["experiments"], module["door"]):
        monkeypatch.setattr(holder, "clock", lambda: still)
    monkeypatch.setattr(module["schemas"], "_clock", lambda: still)
    with counted(evidently.client) as counts:
        yield counts
