"""What DynamoDB leaves out of a batch is asked for again, later each time, and not for ever."""

from __future__ import annotations

import random
import time
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.event import Event
from fairsplit.domain.event_chunks import EventChunk
from fairsplit.storage.assignments import Assignments
from fairsplit.storage.backing_off import ATTEMPTS
from fairsplit.storage.erasing import ErasableEvents
from fairsplit.storage.events import NewEvents
from fairsplit.storage.results import Units
from tests.counting import counted
from tests.integration.storage.making import NOW, assignment, fresh_key
from tests.store_calls import body_of, respond, send
from tests.store_faults import Fault, fault

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
READ, WRITE = "BatchGetItem", "BatchWriteItem"


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The longest that might have been waited, each time; it takes no time."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr(random, "uniform", lambda _shortest, longest: longest)
    return pauses


@pytest.fixture
def units(client: DynamoDBClient, tables: dict[str, str]) -> Units:
    return Units(client, tables["AssignmentsTable"])


@pytest.fixture
def events(client: DynamoDBClient, tables: dict[str, str]) -> ErasableEvents:
    """The unit `u` has events of 30 days."""
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(30)]
    chunks = [EventChunk("u", day, (Event(f"of {day}", "u", "visit", NOW),)) for day in days]
    assert all(NewEvents(client, tables["EventsTable"], 480).insert(chunks, NOW))
    return ErasableEvents(client, tables["EventsTable"])


def doing(parts: int) -> Fault:
    """Of each batch the first so many are done, the others left out."""

    def happen(request: AWSPreparedRequest) -> AWSResponse:
        ((table, asked),) = body_of(request)["RequestItems"].items()
        is_read = isinstance(asked, dict)
        entries = asked["Keys"] if is_read else asked

        def part(some: list[Any]) -> dict[str, Any]:
            return {table: asked | {"Keys": some} if is_read else some} if some else {}

        done, left = part(entries[:parts]), part(entries[parts:])
        answer = send(request, {"RequestItems": done}) if done else {"Responses": {}}
        return respond(request, 200, answer | {"UnprocessedKeys" if is_read else "UnprocessedItems": left})

    return happen


def stored(units: Units, number: int) -> str:
    """An experiment of so many units."""
    key = fresh_key()
    Assignments(units.client, units.table).insert_many([assignment(experiment=key) for _ in range(number)])
    return key


def read(units: Units, key: str) -> int:
    """How many units of the experiment are read."""
    return sum(len(page) for page in units.pages(key))


def test_units_that_a_read_leaves_out_are_read_after_a_pause(units: Units, pauses: list[float]) -> None:
    key = stored(units, 60)
    with fault(units.client, doing(2), READ):
        assert read(units, key) == 60
    assert len(pauses) > 10


def test_a_read_that_gets_nothing_gives_up_after_longer_and_longer_pauses(units: Units, pauses: list[float]) -> None:
    key = stored(units, 5)
    with fault(units.client, doing(0), READ), counted(units.client) as counts, pytest.raises(ThrottledError):
        read(units, key)
    assert counts.calls[READ] == ATTEMPTS
    assert all(earlier < later for earlier, later in pairwise(pauses))


def test_events_that_a_deletion_leaves_out_are_deleted_after_a_pause(
    events: ErasableEvents, pauses: list[float]
) -> None:
    with fault(events.client, doing(7), WRITE):
        events.delete("u", events.keys_of("u", 100))
    assert events.keys_of("u", 100) == []
    assert len(pauses) == 3


def test_a_deletion_that_gets_nowhere_gives_up(events: ErasableEvents, pauses: list[float]) -> None:
    with fault(events.client, doing(0), WRITE), counted(events.client) as counts, pytest.raises(ThrottledError):
        events.delete("u", events.keys_of("u", 100))
    assert counts.calls[WRITE] == ATTEMPTS
    assert all(earlier < later for earlier, later in pairwise(pauses))
    assert len(events.keys_of("u", 100)) == 30
