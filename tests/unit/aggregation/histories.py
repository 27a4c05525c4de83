"""Stream records of units' histories, and the sums that come of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

from fairsplit.domain.aggregate import Record, RowKey
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.moments import Moments
from tests.unit.aggregation.fake_rows import FakeRows
from tests.unit.making import ENTRY, ORDERS, PURCHASED, assignment, event, experiment, folded

ONE = experiment(ORDERS, PURCHASED | {"window_hours": 36})


def record(seq: int, old: Assignment | None, new: Assignment | None) -> Record:
    unit_id = (new or old or assignment()).unit_id
    return Record(str(seq).zfill(40), ENTRY + timedelta(seconds=seq), unit_id, "a", old, new)


def history(seed: int, *, erasing: bool = True) -> Iterator[Record]:
    """Sixty writes of a few units: they come, buy, move to the next epoch, and are erased, in a random order."""
    random, stored = Random(seed), dict[str, Assignment | None]()
    for seq in range(1, 61):
        unit_id = f"u{random.randrange(5)}"
        old = stored.get(unit_id)
        stored[unit_id] = new = following(old, unit_id, random, erasing=erasing)
        yield record(seq, old, new)


def following(old: Assignment | None, unit_id: str, random: Random, *, erasing: bool) -> Assignment | None:
    if old is None:
        return folded(ONE, [], unit_id=unit_id)
    if old.erased:
        return None
    if erasing and random.random() < 0.15:
        return replace(assignment(unit_id=unit_id), erased=True, version=old.version + 1, epoch=old.epoch)
    bought = [event(random.randrange(100)) for _ in range(random.randrange(5))]
    epoch = old.epoch + (random.random() < 0.2)
    return folded(ONE, bought, unit_id=unit_id, version=old.version + 1, epoch=epoch)


def sums(store: FakeRows) -> dict[RowKey, Moments]:
    return {key: row.moments for key, row in store.stored.items() if row.moments}


def steps(store: FakeRows) -> int:
    return sum(row.steps for row in store.stored.values())


def coming(*numbers: int) -> list[Record]:
    """The records of units that come, each on the day so many after TODAY."""
    at = {number: ENTRY + timedelta(days=number) for number in numbers}
    return [record(number + 1, None, assignment(unit_id=f"u{number}", assigned_at=at[number])) for number in numbers]
