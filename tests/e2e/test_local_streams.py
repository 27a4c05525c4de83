"""Streams of the real engine reach a function through the driver, at least once and in their order."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from local import engine
from local.streams.checkpoints import Checkpoints, Remembered
from local.streams.driver import Driver, drain
from local.streams.faults import CrashError, FaultySource, Replayable, crashing
from local.streams.mapping import Mapping
from local.streams.reading import EngineSource
from local.tables import client

pytestmark = pytest.mark.engine
MAPPING = Mapping(id="F.Source", function="F", table="Items", batch_size=7)


@dataclass(frozen=True)
class Table:
    """A table with a stream in a running engine."""

    dynamodb: Any
    endpoint_url: str
    stream_arn: str

    def put(self, first: int, last: int) -> None:
        for number in range(first, last + 1):
            self.dynamodb.put_item(TableName="Items", Item={"pk": {"S": f"u{number}"}, "raw": {"B": b"\x00\xff"}})

    def source(self) -> EngineSource:
        return EngineSource(self.endpoint_url, self.stream_arn)


@pytest.fixture(params=["dynoxide", "ministack"])
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    with engine.start(kind=request.param) as running:
        dynamodb = client(running.endpoint_url)
        description = dynamodb.create_table(
            TableName="Items",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        yield Table(dynamodb, running.endpoint_url, description["TableDescription"]["LatestStreamArn"])


class Seen:
    """A function that notes its records."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def __call__(self, event: dict[str, Any]) -> None:
        self.records += event["Records"]

    @property
    def keys(self) -> list[str]:
        return [record["dynamodb"]["Keys"]["pk"]["S"] for record in self.records]


def test_records_look_as_lambda_sends_them(table: Table) -> None:
    table.put(1, 1)
    seen = Seen()
    drain(Driver(MAPPING, table.source(), seen, Remembered()))
    record = seen.records[0]
    assert (record["eventName"], record["eventSource"], record["eventSourceARN"]) == (
        "INSERT",
        "aws:dynamodb",
        table.stream_arn,
    )
    assert record["dynamodb"]["NewImage"] == {"pk": {"S": "u1"}, "raw": {"B": base64.b64encode(b"\x00\xff").decode()}}
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], (int, float))
    assert record["dynamodb"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
    assert {"eventID", "eventVersion", "awsRegion"} <= set(record)
    assert {"Keys", "SequenceNumber", "SizeBytes"} <= set(record["dynamodb"])


def test_a_new_driver_goes_on_behind_the_checkpoint_on_disk(table: Table, tmp_path: Path) -> None:
    table.put(1, 20)
    seen = Seen()
    drain(Driver(MAPPING, table.source(), seen, Checkpoints(tmp_path / "places.json")))
    table.put(21, 25)
    drain(Driver(MAPPING, table.source(), seen, Checkpoints(tmp_path / "places.json")))
    assert seen.keys == [f"u{number}" for number in range(1, 26)]


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_though_shards_split_and_drivers_die(table: Table, seed: int) -> None:
    random, places, seen = Random(seed), Replayable(), Seen()
    source = FaultySource(table.source(), places, random)
    for round_number in range(3):
        table.put(10 * round_number + 1, 10 * round_number + 10)
        try:
            drain(Driver(MAPPING, source, crashing(seen, random, 0.5), places))
        except CrashError:
            places.rewind(random)
        source.split(random.choice(source.open_shards()))
    drain(Driver(MAPPING, source, seen, places))
    assert set(seen.keys) == {f"u{number}" for number in range(1, 31)}
