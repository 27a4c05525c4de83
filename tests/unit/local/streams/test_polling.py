"""A poller delivers in its thread, gives up into dead letters, and stops without losing its place."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.replies import Failure, Reply
from local.streams.checkpoints import Remembered
from local.streams.polling import Poller
from tests.unit.local.streams.making import MemorySource, mapping, record, records

KEY = "F.Source arn:stream s1"
DONE = Reply(b"null")
SECONDS = 10


class Told:
    """A function that replies as it is told, then well, and lets tests wait for its calls."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.numbers: list[list[str]] = []
        self.called = threading.Condition()

    def invoke(self, _name: str, payload: bytes) -> Reply:
        with self.called:
            self.numbers.append([one["dynamodb"]["SequenceNumber"] for one in json.loads(payload)["Records"]])
            self.called.notify_all()
            return self.replies.pop(0) if self.replies else DONE

    def wait_for(self, holds: Callable[[list[list[str]]], bool]) -> bool:
        with self.called:
            return self.called.wait_for(lambda: holds(self.numbers), SECONDS)


@contextmanager
def polling(told: Told, places: Remembered, dead: Path, source: MemorySource, **settings: Any) -> Iterator[Poller]:
    poller = Poller(mapping(**settings), source, told, places, dead)
    poller.start()
    try:
        yield poller
    finally:
        poller.stop()
        assert not poller.thread.is_alive()


def test_new_records_are_delivered_while_it_runs(tmp_path: Path) -> None:
    told, source = Told(), MemorySource({"s1": records(1)})
    with polling(told, Remembered(), tmp_path, source):
        assert told.wait_for(lambda numbers: numbers == [["1"]])
        source.content["s1"] += records(2)
        assert told.wait_for(lambda numbers: numbers == [["1"], ["2"]])


def test_waiting_for_a_free_worker_is_no_retry(tmp_path: Path) -> None:
    told = Told(Reply(b"", Failure.THROTTLED), Reply(b"", Failure.THROTTLED))
    with polling(told, Remembered(), tmp_path, MemorySource({"s1": records(1)}), retries=0):
        assert told.wait_for(lambda numbers: numbers == [["1"]] * 3)
    assert not list(tmp_path.iterdir())


def test_what_is_given_up_says_where_it_stands_in_the_stream(tmp_path: Path) -> None:
    told, source = Told(Reply(b"", Failure.UNHANDLED)), MemorySource({"s1": [record(1, at=5), record(3, at=7)]})
    with polling(told, Remembered(), tmp_path, source, retries=0, dead_letters="Letters"):
        source.content["s1"] += records(4)
        assert told.wait_for(lambda numbers: ["4"] in numbers)
    letter = json.loads((tmp_path / "Letters.jsonl").read_text())
    assert letter["requestContext"]["functionArn"].endswith(":function:F")
    assert letter["DDBStreamBatchInfo"] == {
        "shardId": "s1",
        "startSequenceNumber": "1",
        "endSequenceNumber": "3",
        "approximateArrivalOfFirstRecord": "1970-01-01T00:00:05.000Z",
        "approximateArrivalOfLastRecord": "1970-01-01T00:00:07.000Z",
        "batchSize": 2,
        "streamArn": "arn:stream",
    }


def test_a_stop_while_a_function_fails_keeps_the_place_and_gives_nothing_up(tmp_path: Path) -> None:
    told, places = Told(*[Reply(b"", Failure.CRASH)] * 100), Remembered()
    with polling(told, places, tmp_path, MemorySource({"s1": records(1)}), retries=50):
        assert told.wait_for(lambda numbers: len(numbers) > 1)
    assert places.get(KEY) is None
    assert not list(tmp_path.iterdir())


def test_a_service_that_stops_is_no_failure_of_the_function(tmp_path: Path) -> None:
    told, places = Told(*[Reply(b"", Failure.STOPPING)] * 1000), Remembered()
    with polling(told, places, tmp_path, MemorySource({"s1": records(1)}), retries=0):
        assert told.wait_for(lambda numbers: len(numbers) > 2)
    assert places.get(KEY) is None
    assert not list(tmp_path.iterdir())
