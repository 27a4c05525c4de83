"""Units with totals, and the stream records that tell rollup of them, without the engine in between."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.event import Event
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.folding import fold
from fairsplit.storage.assignment_items import to_item

DAYS = 14
_sequence = count(1)


def units(experiment: Experiment, amount: int) -> Iterator[Assignment]:
    """So many units of the two weeks before now; every second bought something on the day it came."""
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(amount):
        at = now - timedelta(days=number % DAYS)
        unit = Assignment(
            experiment=experiment.key,
            unit_id=f"unit-{number}",
            variant=["control", "green"][number // 2 % 2],
            bucket=number % 10_000,
            assigned_at=at,
            incarnation="benchmark",
            version=2,
        )
        bought = [Event(f"event-{number}", unit.unit_id, "purchase", at, value=number * 100)] if number % 2 else []
        yield replace(unit, totals=fold(unit, experiment, bought))


def batch(units: Iterable[Assignment]) -> dict[str, Any]:
    """What rollup is called with when these units are stored."""
    return {"Records": [_record(unit) for unit in units], "shardId": "shardId-benchmark"}


def _record(unit: Assignment) -> dict[str, Any]:
    item = _as_json(to_item(unit))
    return {
        "eventName": "INSERT",
        "dynamodb": {
            "ApproximateCreationDateTime": unit.assigned_at.timestamp(),
            "Keys": {name: item[name] for name in ("unit_id", "experiment")},
            "SequenceNumber": str(next(_sequence)),
            "NewImage": item,
        },
    }


def _as_json(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item as JSON has it: binary values are base64."""
    return {
        name: {"B": base64.b64encode(value["B"]).decode()} if "B" in value else value for name, value in item.items()
    }
