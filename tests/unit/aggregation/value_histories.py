"""Stream records of units of many values, which come, buy, are declared another dimension, and are erased."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from fairsplit.domain.aggregate import Record
from fairsplit.domain.assignment import Assignment
from fairsplit.services.rolling_up import Rollup
from tests.unit.aggregation.fake_rows import FakeRows
from tests.unit.aggregation.histories import record
from tests.unit.making import ENTRY, ORDERS, REVENUE, assignment, event, experiment, exposure, folded

ONE = experiment(ORDERS, REVENUE)
VALUES = ["DE", "FR", "", 3, 3.0, True, None]


def unit(value: object, **fields: object) -> Assignment:
    """A unit from that country."""
    return assignment(dimensions={"country": value}, **fields)


def of_values(count: int, first: int = 1) -> list[Record]:
    """The records of so many units that come, each with another value, from a sequence number on."""
    return [record(seq, None, unit(f"v{seq}", unit_id=f"u{seq}")) for seq in range(first, first + count)]


def history(seed: int, length: int = 60) -> Iterator[Record]:
    """So many writes of a few units, in a random order."""
    random, stored = Random(seed), dict[str, Assignment | None]()
    for seq in range(1, length + 1):
        unit_id = f"u{random.randrange(9)}"
        old = stored.get(unit_id)
        stored[unit_id] = new = following(old, unit_id, random)
        yield record(seq, old, new)


def following(old: Assignment | None, unit_id: str, random: Random) -> Assignment | None:
    if old is None:
        return folded(ONE, [], unit_id=unit_id, dimensions={"country": random.choice(VALUES)})
    if old.erased:
        return None
    if random.random() < 0.15:
        return replace(assignment(unit_id=unit_id), erased=True, version=old.version + 1, epoch=old.epoch)
    is_later = random.random() < 0.2
    dimensions = old.dimensions if not is_later else {"device": None} | dict(old.dimensions)
    bought = [event(random.randrange(100), random.randrange(50)) for _ in range(random.randrange(5))]
    if old.totals.mixed or random.random() < 0.1:
        bought.append(exposure(1, "control"))
    return folded(
        ONE,
        bought,
        unit_id=unit_id,
        version=old.version + 1,
        epoch=old.epoch + is_later,
        dimensions=dimensions,
        assigned_at=ENTRY,
    )


def rolled(*batches: Sequence[Record]) -> FakeRows:
    """The rows after these batches."""
    store = FakeRows()
    rollup = Rollup(store)
    for batch in batches:
        rollup.apply(batch, "shard")
    return store
