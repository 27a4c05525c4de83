"""The whole product in one process, on the real engine: its functions, its streams, and everything that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from aws_lambda_powertools.event_handler.api_gateway import BaseRouter

from fairsplit.domain import timestamps
from fairsplit.domain.errors import ThrottledError
from fairsplit.storage import backing_off
from fairsplit.storage import client as storage_client
from local.streams.answers import InvocationError
from local.streams.driver import Driver
from local.streams.faults import FaultySource, Replayable
from local.streams.reading import EngineSource
from local.streams.source import Record, Source, seq_of
from local.tables import create_tables, stream_arns
from local.tokens import seed
from tests.faults.store import StoreFaults
from tests.gateway import Gateway, environment
from tests.pipeline import Pipeline

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ROUND = timedelta(minutes=6)  # longer than a dead holder keeps the lease
MOST_ROUNDS = 60


@dataclass
class Process:
    """One set of the functions' execution environments, warm until it dies."""

    world: World
    gateway: Gateway = field(init=False)
    pipeline: Pipeline = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin anew, with empty memory."""
        self.gateway = Gateway()
        self.pipeline = Pipeline(self.world.endpoint_url, self.world.tables, self.gateway)

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Call a stream function; whatever it raises is a failed invocation to who called it."""
        try:
            return self.pipeline.handlers[function](event, None)
        except Exception as error:
            raise InvocationError(str(error)) from error

    def maintain(self) -> None:
        """One round of maintenance; what fails comes again in the next."""
        handler = self.pipeline.handlers["MaintenanceFunction"]
        with suppress(handler.__globals__["MaintenanceError"], ThrottledError):
            self.pipeline.maintain(pause=self.world.flow)


class World:
    """One installation. `process` is the one that fails, `other` one beside it that acts between its calls."""

    def __init__(self, endpoint_url: str, faulty: DynamoDBClient) -> None:
        self.endpoint_url = endpoint_url
        self.faulty = faulty
        self.faults = StoreFaults()
        self.faults.watch(faulty)
        self.tables = create_tables(endpoint_url, prefix=f"w{uuid4().hex[:8]}-")
        self.shift = timedelta()
        self.places = Replayable()
        arns = stream_arns(endpoint_url, self.tables)
        self.sources = {
            table: FaultySource(EngineSource(endpoint_url, arn), self.places, Random(0)) for table, arn in arns.items()
        }
        self.current: Callable[[], None] = lambda: None  # the invocation that is under way, by another process
        self.current_units: list[str] = []
        self.drivers: list[Driver] = []
        self.busy: set[int] = set()
        self.acting: Process | None = None
        self.poisons: list[Random] = []

    def begin(self) -> None:
        """Start both processes; the environment has to point to our tables."""
        self.process, self.other = Process(self), Process(self)
        self.connect()

    def now(self) -> datetime:
        return timestamps.cut(datetime.now(UTC) + self.shift)

    def connect(self) -> None:
        """New drivers of all mappings, which go on from the places."""
        mappings = self.process.pipeline.mappings
        self.drivers = [
            Driver(one, self.sources[one.table], self._invoke(one.function), self.places, bury=_never)
            for one in mappings
        ]

    def restart(self) -> None:
        """What a crash leaves: the tables and the places."""
        self.process.start()
        self.connect()

    def disorder(self, random: Random) -> None:
        """Streams begin again somewhere before, in other batches, and what was delivered comes in another order."""
        for source in self.sources.values():
            source.random = random
        self.places.rewind(random)
        self.connect()

    @contextmanager
    def among(self, seed: int, chance: float, meanwhile: Callable[[], None]) -> Iterator[None]:
        """Within it, that share of our calls goes wrong; who dies of it begins anew."""
        crashes = self.faults.happened.count("crash")
        with self.faults.among(seed, chance, lambda: self._beside(meanwhile)):
            yield
        if self.faults.happened.count("crash") > crashes:
            self.restart()

    def poison(self, random: Random) -> None:
        """The next batch of rollup's that changes any assignment has a record that cannot be read."""
        self.poisons.append(random)

    def has_drifted(self, key: str) -> bool:
        """Whether the last recount found sums that were wrong."""
        seen = self.process.pipeline.handlers["MaintenanceFunction"].__globals__
        return bool(seen["recounts"].read(key).drifted)

    def flow(self) -> int:
        """Each stream function takes what is there once, but for those at work; how many records moved."""
        moved = 0
        for driver in self.drivers:
            if id(driver) not in self.busy:
                with self._at_work(driver):
                    moved += driver.step(is_hurried=True)
        return moved

    def deliver_one(self, unit_id: str) -> None:
        """Bring the unit's last record of the Events stream to attribution, as any delivery may be repeated."""
        source = self.sources["EventsTable"].source
        (shard,) = source.shards()
        records = [one for one in _all(source, shard.id) if one["dynamodb"]["Keys"]["unit_id"]["S"] == unit_id]
        if records:
            _ignore(lambda: self._invoke("AttributionFunction")({"Records": records[-1:]}))

    @contextmanager
    def elsewhere(self) -> Iterator[None]:
        """Within it, the other process takes what the streams bring."""
        before, self.acting = self.acting, self.other
        try:
            yield
        finally:
            self.acting = before

    @contextmanager
    def _at_work(self, driver: Driver) -> Iterator[None]:
        self.busy.add(id(driver))
        try:
            yield
        finally:
            self.busy.discard(id(driver))

    def drain(self) -> None:
        """Let the streams run until nothing moves."""
        for _ in range(MOST_ROUNDS * 10):
            if not self.flow():
                return
        raise RuntimeError("the streams have no end")

    def rest(self, keys: list[str]) -> None:
        """Without faults, go on until no work is left: streams empty, recounts through, jobs done.

        Raises:
            RuntimeError: there is no end of it.
        """
        for _ in range(MOST_ROUNDS):
            self.drain()
            if not self.has_work(keys):
                return
            self.shift += ROUND
            self.process.maintain()
        raise RuntimeError(f"maintenance has no end: {self.faults.happened[-30:]}")

    def has_work(self, keys: list[str]) -> bool:
        """Whether maintenance has anything to do: a recount, or promised work."""
        seen = self.process.pipeline.handlers["MaintenanceFunction"].__globals__
        recounts, aggregates = seen["recounts"], seen["aggregates"]
        is_running = any(recounts.read(key).is_running or aggregates.mark(key) for key in keys)
        return bool(is_running or seen["jobs"].open_jobs())

    def _invoke(self, function: str) -> Callable[[dict[str, Any]], Any]:
        def call(event: dict[str, Any]) -> Any:
            if function == "RollupFunction" and self.poisons:
                event = self._poisoned(event)
            before, self.current = self.current, lambda: _ignore(lambda: self.other.invoke(function, event))
            self.current_units = [one["dynamodb"]["Keys"]["unit_id"]["S"] for one in event["Records"]]
            try:
                return (self.acting or self.process).invoke(function, event)
            finally:
                self.current = before

        return call

    def _beside(self, meanwhile: Callable[[], None]) -> None:
        """Call it as another process would: Powertools keeps the request in the class of all resolvers."""
        kept = {name: BaseRouter.__dict__.get(name) for name in ("current_event", "lambda_context")}
        try:
            with self.elsewhere():
                meanwhile()
        finally:
            for name, value in kept.items():
                setattr(BaseRouter, name, value)

    def _poisoned(self, event: dict[str, Any]) -> dict[str, Any]:
        """The event with a record that has lost its new image's variant; for this delivery and never again."""
        records = list(event["Records"])
        places = [place for place, one in enumerate(records) if "variant" in one["dynamodb"].get("NewImage", {})]
        if not places:
            return event
        place = self.poisons.pop().choice(places)
        change = records[place]["dynamodb"]
        image = {name: value for name, value in change["NewImage"].items() if name != "variant"}
        records[place] = records[place] | {"dynamodb": change | {"NewImage": image}}
        return event | {"Records": records}


@contextmanager
def world(endpoint_url: str) -> Iterator[World]:
    """A fresh installation, whose functions all use one client that may fail."""
    client = storage_client.dynamodb(endpoint_url)
    made = World(endpoint_url, client)
    seed(storage_client.dynamodb(endpoint_url), made.tables["CatalogTable"])
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment(made.tables).items():
            patch.setenv(name, value)
        patch.setattr(storage_client, "dynamodb", lambda: client)
        patch.setattr(timestamps, "now", made.now)
        patch.setattr("botocore.endpoint.time", NoWaiting)
        patch.setattr(backing_off, "time", NoWaiting)
        made.begin()
        yield made


class NoWaiting:
    """Time that passes at once."""

    @staticmethod
    def sleep(_seconds: float) -> None:
        return None


def _ignore(call: Callable[[], object]) -> None:
    with suppress(InvocationError):
        call()


def _all(source: Source, shard_id: str) -> list[Record]:
    records: list[Record] = []
    while page := source.read(shard_id, seq_of(records[-1]) if records else None, 1_000).records:
        records += page
    return records


def _never(shard_id: str, records: Any, condition: str) -> None:
    raise RuntimeError(f"{len(records)} records of {shard_id} are given up: {condition}")
