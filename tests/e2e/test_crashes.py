"""The service under load is killed again and again: no assignment changes, and every accepted event counts once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import pytest

from local import service as local_service
from local.experiments import activate, create_or_read
from local.http_client import Service, connect
from local.waiting import wait_for_results
from tests.e2e.load import CALLS, CLIENTS, EXPERIMENT, KEY, UNITS, Ledger, visit

CRASHES = 5

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


@dataclass(frozen=True)
class Survived:
    """After all crashes: the service, its ledger, how many calls were tried again, and the results then, at rest."""

    service: Service
    ledger: Ledger
    retries: int
    expected: dict[str, dict[str, int]]
    results: dict[str, Any]


class Hurry:
    """Short waits between two tries, counted."""

    def __init__(self) -> None:
        self.calls = count()

    def __call__(self, seconds: float) -> None:
        next(self.calls)
        time.sleep(min(seconds, 0.2))


def crash(running: local_service.Service) -> None:
    """kill -9 of the service with all that it has started."""
    assert running.process
    os.killpg(running.process.pid, signal.SIGKILL)
    assert running.process.wait(60) == -signal.SIGKILL


def at_rest(service: Service, ledger: Ledger) -> dict[str, Any]:
    """The results when all is counted, or when nothing moves any more."""
    return wait_for_results(service, KEY, units=len(ledger.assigned), events=len(ledger.events), patience=30)


@pytest.fixture(scope="module")
def survived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Survived]:
    """A service that was killed five times at even distances in the clients' work, and started again each time."""
    with (
        local_service.start(tmp_path_factory.mktemp("crashes")) as running,
        connect(running.url) as connected,
        ThreadPoolExecutor(CLIENTS) as pool,
    ):
        create_or_read(connected, EXPERIMENT)
        activate(connected, KEY)
        ledger, hurry = Ledger(), Hurry()
        impatient = replace(connected, sleep=hurry)
        working = [pool.submit(ledger.work, impatient, client) for client in range(CLIENTS)]
        for number in range(1, CRASHES + 1):
            assert ledger.has_calls(number * CALLS // (CRASHES + 1))
            crash(running)
            running.restart()
        for one in working:
            one.result()
        yield Survived(connected, ledger, next(hurry.calls), ledger.expected(), at_rest(connected, ledger))


def test_all_the_work_was_done_in_spite_of_the_crashes(survived: Survived) -> None:
    assert survived.retries >= CRASHES
    assert survived.ledger.calls == CALLS
    assert len(survived.ledger.assigned) == CLIENTS * UNITS


def test_no_assignment_that_was_answered_ever_changes(survived: Survived) -> None:
    page = survived.service.call("analyst", "GET", f"/v1/experiments/{KEY}/assignments?limit=1000")
    stored = {one["unit_id"]: {(one["variant"], one["assigned_at"])} for one in page["items"]}
    assert stored == survived.ledger.assigned


def test_every_accepted_event_is_counted_once(survived: Survived) -> None:
    assert counted(survived.results) == survived.expected
    assert survived.results["summary"]["events"] == sum(one["events"] for one in survived.expected.values())


def test_the_same_work_once_more_changes_nothing(survived: Survived) -> None:
    once_more, ledger = Ledger(), survived.ledger
    once_more.work(survived.service, client=1)
    assert once_more.events.items() <= ledger.events.items()
    assert once_more.assigned.items() <= ledger.assigned.items()
    ledger.do(survived.service, visit("the-last-unit", 250))
    assert counted(at_rest(survived.service, ledger)) == ledger.expected()


def counted(results: dict[str, Any]) -> dict[str, dict[str, int]]:
    """What results say of each variant, in the words of the ledger."""
    found = {}
    for variant in results["variants"]:
        numbers = {name: variant["metrics"][name] for name in ("purchased", "orders", "revenue")}
        assert numbers["purchased"]["events"] == numbers["orders"]["sum"] == numbers["revenue"]["events"]
        found[variant["key"]] = {
            "units": variant["units"],
            "events": numbers["orders"]["sum"],
            "cents": round(numbers["revenue"]["sum"] * 100),
            "buyers": numbers["purchased"]["sum"],
        }
    return found
