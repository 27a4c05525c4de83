"""One experiment, one unit, and the steps of the data's way, each by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from fairsplit.domain.aggregate import Record
from fairsplit.domain.moments import Moments, total
from fairsplit.services.attributing import Attribution
from fairsplit.services.compacting import compact
from fairsplit.services.rolling_up import Rollup
from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.client import dynamodb
from fairsplit.storage.events import UnitEvents
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.stream_records import is_change, to_record
from fairsplit.storage.unit_totals import UnitTotals
from local.streams.reading import EngineSource
from tests.faults.world import World, world

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

KEY = "first"
UNIT = "unit"
REVENUE = {"key": "revenue", "event_type": "purchase", "kind": "mean", "role": "primary"}
DOUBLE = {"key": "doubled", "event_type": "purchase", "kind": "count", "role": "primary"}
VARIANTS = [{"key": "control", "weight": 50}, {"key": "green", "weight": 50}]
SHARD = "shard-1"
DAYS = timedelta(days=1)


@dataclass
class Scene:
    """The steps. What `fold` and `rollup` are given reads and writes by `client`."""

    world: World
    client: DynamoDBClient
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def tables(self) -> dict[str, str]:
        return self.world.tables

    @property
    def experiments(self) -> Experiments:
        return Experiments(self.client, self.tables["CatalogTable"])

    @property
    def aggregates(self) -> Aggregates:
        return Aggregates(self.client, self.tables["AggregatesTable"])

    def send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.world.other.gateway.send(method, path, body)
        assert answer.status < 300, answer
        return answer.body

    def assign(self) -> str:
        return str(self.send("PUT", f"/v1/experiments/{KEY}/assignments/{UNIT}")["variant"])

    def sell(self, value: float) -> None:
        """The unit buys something."""
        event = {"event_id": f"e{next(self.numbers)}", "unit_id": UNIT, "type": "purchase", "value": value}
        self.send("POST", "/v1/events", event)

    def attribution(self, kind: type[Attribution] = Attribution) -> Attribution:
        totals = UnitTotals(self.client, self.tables["AssignmentsTable"])
        return kind(totals, UnitEvents(self.client, self.tables["EventsTable"]), self.experiments, self.world.now())

    def fold(self, kind: type[Attribution] = Attribution) -> None:
        assert not self.attribution(kind).fold_units([UNIT])

    def sell_and_fold(self, value: float) -> None:
        self.sell(value)
        self.fold()

    def records(self) -> Sequence[Record]:
        """All changes of assignments from the very first on."""
        source = self.world.sources["AssignmentsTable"].source
        assert isinstance(source, EngineSource)
        (shard,) = source.shards()
        found = source.read(shard.id, None, 1_000).records
        return [to_record(one) for one in found if "variant" in one["dynamodb"].get("NewImage", {}) and is_change(one)]

    def roll_up(self, rollup: Rollup | None = None) -> None:
        (rollup or Rollup(self.aggregates)).apply(self.records(), SHARD)

    def compact(self) -> None:
        assert compact(self.aggregates, KEY, 1, self.world.now() + DAYS) > 0

    def sums(self) -> Moments:
        return total(row.moments for row in self.aggregates.rows(KEY, 1).values())

    def units(self) -> int:
        """How many units the rows hold."""
        return self.sums().units("units")

    def revenue(self) -> float:
        """The unit's revenue, as its stored totals have it."""
        (item,) = UnitTotals(self.client, self.tables["AssignmentsTable"]).of_unit(UNIT)
        found = [metric for name, metric in item.totals.metrics.items() if name.startswith("revenue@")]
        return sum(day.value for metric in found for day in metric.days) / 10_000


@contextmanager
def scene(endpoint_url: str) -> Iterator[Scene]:
    """An active experiment, and a unit that has bought for 1."""
    with world(endpoint_url) as made:
        one = Scene(made, dynamodb())
        one.send("POST", "/v1/experiments", {"key": KEY, "name": KEY, "variants": VARIANTS, "metrics": [REVENUE]})
        one.send("POST", f"/v1/experiments/{KEY}/transitions", {"to": "active"})
        one.assign()
        one.sell_and_fold(1)
        yield one
