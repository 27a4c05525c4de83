"""A tumbling window gathers state over its batches and ends with an invocation of its own."""

from __future__ import annotations

from typing import Any

from local.streams.answers import InvocationError
from local.streams.checkpoints import Remembered
from local.streams.driver import Driver, drain
from tests.unit.local.streams.making import Function, MemorySource, mapping, record

WINDOW = 60


def driver(function: Function, source: MemorySource, now: list[float], **settings: Any) -> Driver:
    chosen = mapping(tumbling_seconds=WINDOW, **settings)
    return Driver(chosen, source, function, Remembered(), now=lambda: now[0])


def counting() -> Function:
    """A function that counts its calls in the window's state."""
    function = Function()
    function.answer = lambda _numbers: {"state": {"calls": function.events[-1]["state"].get("calls", 0) + 1}}
    return function


def test_the_event_says_which_window_shard_and_stream_it_is_of() -> None:
    function = counting()
    drain(driver(function, MemorySource({"s1": [record(1, at=125.5)]}), [130]))
    event = function.events[0]
    assert event["window"] == {"start": "1970-01-01T00:02:00Z", "end": "1970-01-01T00:03:00Z"}
    assert (event["shardId"], event["eventSourceARN"], event["state"]) == ("s1", "arn:stream", {})
    assert (event["isFinalInvokeForWindow"], event["isWindowTerminatedEarly"]) == (False, False)


def test_state_goes_from_batch_to_batch_and_starts_anew_in_the_next_window() -> None:
    function = counting()
    source = MemorySource({"s1": [record(1, at=60), record(2, at=61), record(3, at=120)]})
    drain(driver(function, source, [130], batch_size=1))
    seen = [(batch, event["state"], event["isFinalInvokeForWindow"]) for batch, event in zip_of(function)]
    assert seen == [([1], {}, False), ([2], {"calls": 1}, False), ([], {"calls": 2}, True), ([3], {}, False)]


def test_a_batch_never_spans_two_windows() -> None:
    function = counting()
    drain(driver(function, MemorySource({"s1": [record(1, at=59), record(2, at=60), record(3, at=61)]}), [100]))
    assert [batch for batch in function.batches if batch] == [[1], [2, 3]]


def test_a_window_ends_when_its_time_is_over_though_nothing_more_comes() -> None:
    now, function = [70.0], counting()
    running = driver(function, MemorySource({"s1": [record(1, at=65)]}), now)
    drain(running)
    assert function.batches == [[1]]
    now[0] = 120.0
    drain(running)
    drain(running)
    assert function.batches == [[1], []]


def test_an_answer_without_state_is_a_failure() -> None:
    answers: list[Any] = [{"state": {}}, {"batchItemFailures": []}, None]
    function = Function(lambda _numbers: answers.pop())
    drain(driver(function, MemorySource({"s1": [record(1)]}), [1000]))
    assert function.batches == [[1], [1], [1]]


def test_a_window_that_cannot_be_ended_is_tried_again() -> None:
    fails = [True, False]

    def answer(numbers: list[int]) -> Any:
        if not numbers and fails.pop(0):
            raise InvocationError
        return {"state": {}}

    function = Function(answer)
    drain(driver(function, MemorySource({"s1": [record(1, at=10), record(2, at=70)]}), [75]))
    assert function.batches == [[1], [], [], [2]]


def zip_of(function: Function) -> Any:
    return zip(function.batches, function.events, strict=True)
