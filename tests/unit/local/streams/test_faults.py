"""Whatever a faulty source does, every record comes at least once, and new ones in their order."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from local.streams.driver import Driver, drain
from local.streams.faults import CrashError, FaultySource, Replayable, crashing
from tests.unit.local.streams.making import Function, MemorySource, mapping, record

ALL = list(range(1, 41))


def stream() -> MemorySource:
    return MemorySource({"s1": [record(number, key=f"u{number % 5}") for number in ALL]})


def run(source: FaultySource, function: Any, places: Replayable) -> None:
    """Drivers, one after another, until one comes to the end without dying."""
    while True:
        try:
            return drain(Driver(mapping(batch_size=7), source, function, places))
        except CrashError:
            continue


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_every_record_is_delivered_though_processes_die_and_shards_split(seed: int) -> None:
    random, places, function = Random(seed), Replayable(), Function()
    source = FaultySource(stream(), places, random)
    for _ in range(3):
        run(source, crashing(function, random), places)
        source.split(random.choice(source.open_shards()))
        places.rewind(random)
    run(source, function, places)
    assert {number for batch in function.batches for number in batch} == set(ALL)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_what_was_never_delivered_before_comes_in_its_order(seed: int) -> None:
    random, places, function = Random(seed), Replayable(), Function()
    source = FaultySource(stream(), places, random)
    run(source, crashing(function, random), places)
    first_time = list(dict.fromkeys(number for batch in function.batches for number in batch))
    assert first_time == ALL


def test_what_comes_again_comes_in_another_order() -> None:
    random, places, function = Random(1), Replayable(), Function()
    source = FaultySource(stream(), places, random)
    run(source, function, places)
    places.places.clear()
    function.events.clear()
    run(source, function, places)
    numbers = [number for batch in function.batches for number in batch]
    assert sorted(numbers) == ALL
    assert numbers != ALL


def test_a_split_shards_further_records_come_in_its_children_each_key_in_one() -> None:
    base, places, function = stream(), Replayable(), Function()
    source = FaultySource(base, places, Random(1))
    children = source.split("s1")
    more = [record(number, key=f"u{number % 5}") for number in range(41, 81)]
    base.content["s1"] += more
    run(source, function, places)
    read = [source.read(child, None, 1) for child in children]
    assert all(int(page.records[0]["dynamodb"]["SequenceNumber"]) > 40 for page in read)
    assert [number for batch in function.batches for number in batch][:40] == ALL
    assert sorted(number for batch in function.batches for number in batch) == list(range(1, 81))
