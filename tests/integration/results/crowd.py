"""Many units, fed to rollup as the stream of Assignments brings them, without the way there."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.timestamps import day_of
from fairsplit.domain.totals import SCALE, DayTotal, MetricTotals, Totals
from fairsplit.storage.assignment_items import to_item
from local.streams.delivery import Invoke
from tests.traffic import noon

BATCH = 1_000


@dataclass
class Crowd:
    """Units of an experiment with the metric revenue."""

    experiment: Experiment
    rollup: Invoke
    size: int = 0

    def __post_init__(self) -> None:
        self.fingerprint = fingerprints(self.experiment)["revenue"]
        self.entries = [noon(5), noon(4), noon(3)]

    def grow(self, more: int, *, events: int = 2, shard: str = "shardId-0") -> None:
        """So many more units, each with so many events."""
        records = self._records(more, events)
        while batch := list(islice(records, BATCH)):
            self.rollup({"Records": batch, "shardId": shard, "state": {}})

    def _records(self, more: int, events: int) -> Iterator[dict[str, Any]]:
        for number in range(self.size, self.size + more):
            unit = self._unit(number, events)
            yield {
                "eventName": "INSERT",
                "dynamodb": {
                    "Keys": {"unit_id": {"S": unit.unit_id}, "experiment": {"S": unit.experiment}},
                    "SequenceNumber": str(number + 1),
                    "ApproximateCreationDateTime": noon(1).timestamp(),
                    "NewImage": {name: as_sent(value) for name, value in to_item(unit).items()},
                },
            }
        self.size += more

    def _unit(self, number: int, events: int) -> Assignment:
        entry = self.entries[number % len(self.entries)]
        bought = DayTotal(day_of(entry), events, events * (number % 7) * SCALE)
        return Assignment(
            experiment=self.experiment.key,
            unit_id=f"u{number}",
            variant="green" if number % 2 else "control",
            bucket=0,
            assigned_at=entry,
            incarnation="first",
            epoch=self.experiment.epoch,
            totals=Totals({self.fingerprint: MetricTotals("mean", (bought,))}),
        )


def as_sent(value: dict[str, Any]) -> dict[str, Any]:
    """An attribute as it stands in an event: what is binary in base64."""
    return {"B": base64.b64encode(value["B"]).decode()} if "B" in value else value
