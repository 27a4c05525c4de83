"""A driver reads shards in their order, gathers batches, and moves its checkpoints behind what was delivered."""

from __future__ import annotations

import pytest

from local.streams.checkpoints import Remembered
from local.streams.driver import Driver, drain
from tests.unit.local.streams.making import Function, MemorySource, failing_with, mapping, record, records

KEY = "F.Source arn:stream s1"


class DiedError(Exception):
    """The process ended."""


def test_all_of_a_parent_is_delivered_before_its_child() -> None:
    source = MemorySource({"child": records(3, 4), "parent": records(1, 2)}, {"child": "parent"}, {"parent"})
    function = Function()
    drain(Driver(mapping(batch_size=1), source, function, Remembered()))
    assert function.batches == [[1], [2], [3], [4]]


def test_a_child_waits_while_its_parent_is_open() -> None:
    source = MemorySource({"parent": records(1), "child": records(3)}, {"child": "parent"})
    function = Function()
    drain(Driver(mapping(), source, function, Remembered()))
    assert function.batches == [[1]]


def test_a_shard_whose_parent_is_gone_is_read() -> None:
    function = Function()
    drain(Driver(mapping(), MemorySource({"child": records(3)}, {"child": "parent"}), function, Remembered()))
    assert function.batches == [[3]]


def test_a_new_driver_goes_on_behind_the_checkpoint() -> None:
    source, places, function = MemorySource({"s1": records(1, 2)}), Remembered(), Function()
    drain(Driver(mapping(), source, function, places))
    source.content["s1"] += records(3)
    drain(Driver(mapping(), source, function, places))
    assert function.batches == [[1, 2], [3]]


def test_the_checkpoint_stays_where_it_was_when_the_process_dies_in_a_call() -> None:
    def die(_numbers: list[int]) -> None:
        raise DiedError

    source, places = MemorySource({"s1": records(1, 2)}), Remembered()
    with pytest.raises(DiedError):
        drain(Driver(mapping(), source, Function(die), places))
    assert places.get(KEY) is None


def test_the_same_driver_delivers_again_what_was_cut_off() -> None:
    deaths = [DiedError()]

    def answer(_numbers: list[int]) -> None:
        if deaths:
            raise deaths.pop()

    function = Function(answer)
    driver = Driver(mapping(), MemorySource({"s1": records(1, 2)}), function, Remembered())
    with pytest.raises(DiedError):
        drain(driver)
    drain(driver)
    assert function.batches == [[1, 2], [1, 2]]


def test_the_checkpoint_moves_over_what_the_filters_leave_out_and_what_is_given_up() -> None:
    places = Remembered()
    chosen = mapping(retries=0, batch_size=1, patterns=({"eventName": ["INSERT"]},))
    source = MemorySource({"s1": [record(1), record(2, name="REMOVE")]})
    drain(Driver(chosen, source, Function(failing_with(1)), places))
    assert places.get(KEY) == "2"


def test_a_batch_waits_for_its_window_unless_it_is_full() -> None:
    now, function = [0.0], Function()
    source = MemorySource({"s1": records(1, 2)})
    driver = Driver(mapping(batch_size=3, window_seconds=5), source, function, Remembered(), now=lambda: now[0])
    driver.step()
    assert function.batches == []
    source.content["s1"] += records(3)
    driver.step()
    assert function.batches == [[1, 2, 3]]
    source.content["s1"] += records(4)
    driver.step()
    now[0] = 5.0
    driver.step()
    assert function.batches == [[1, 2, 3], [4]]


def test_a_closed_shards_last_records_do_not_wait() -> None:
    function = Function()
    source = MemorySource({"s1": records(1)}, closed={"s1"})
    Driver(mapping(window_seconds=300), source, function, Remembered()).step()
    assert function.batches == [[1]]


def test_only_records_that_pass_the_filters_fill_a_batch() -> None:
    function = Function()
    names = ["INSERT", "MODIFY", "INSERT", "MODIFY", "INSERT"]
    source = MemorySource({"s1": [record(number, name=name) for number, name in enumerate(names, 1)]})
    drain(Driver(mapping(batch_size=2, patterns=({"eventName": ["INSERT"]},)), source, function, Remembered()))
    assert function.batches == [[1, 3], [5]]


def test_nothing_is_invoked_where_no_record_passes() -> None:
    function = Function()
    source = MemorySource({"s1": records(1, 2)})
    drain(Driver(mapping(patterns=({"eventName": ["REMOVE"]},)), source, function, Remembered()))
    assert function.batches == []


def test_the_checkpoint_never_passes_a_record_that_is_still_held() -> None:
    source, places = MemorySource({"s1": records(1, 2, 3, 4, 5)}), Remembered()
    driver = Driver(mapping(batch_size=2), source, Function(), places)
    driver.step()
    assert places.get(KEY) == "2"
    drain(driver)
    assert places.get(KEY) == "5"
