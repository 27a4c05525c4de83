"""A real experiment of 64,000 customers, sent over HTTP, survives a crash in the middle and comes out exactly."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from threading import Event
from typing import Any

import httpx
import pytest

from local import service as local_service
from local.hillstrom import read_customers
from local.http_client import Service, connect
from local.replay import deviations, replay, send
from local.waiting import read_results
from tests.oracle import pa, tt

KEY = "hillstrom-email"
CRASH_AFTER = 8  # of 21 calls with events
METRICS = ("visit", "conversion", "spend")

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]


@dataclass(frozen=True)
class Replayed:
    """What a replay with a crash left behind: the service, the command's exit code, and the results."""

    service: Service
    exit_code: int
    results: dict[str, Any]


class Middle:
    """The moment in the middle of the events: the connection that comes there holds until the service is dead."""

    def __init__(self) -> None:
        self.calls = count(1)
        self.reached = Event()
        self.dead = Event()

    def __call__(self, answer: httpx.Response) -> None:
        if answer.request.url.path == "/v1/events" and next(self.calls) == CRASH_AFTER:
            self.reached.set()
            self.dead.wait(60)


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replayed]:
    """A replay whose service is killed in the middle of the events, with other calls under way, and started again."""
    with (
        local_service.start(tmp_path_factory.mktemp("replay")) as running,
        connect(running.url) as service,
        ThreadPoolExecutor(1) as pool,
    ):
        middle = Middle()
        service.http.event_hooks = {"response": [middle]}
        replaying = pool.submit(replay, service, KEY)
        assert middle.reached.wait(300)
        running.kill()
        middle.dead.set()
        running.restart()
        yield Replayed(service, replaying.result(), read_results(service, KEY))


@pytest.fixture(scope="module")
def published() -> dict[tuple[str, str], Any]:
    """Welch's test of tea-tasting on the raw rows, for each metric and variant."""
    customers = read_customers()
    rows = pa.table(
        {
            "variant": [one.variant for one in customers],
            "visit": [float(one.visited) for one in customers],
            "conversion": [float(one.spend > 0) for one in customers],
            "spend": [float(one.spend) for one in customers],
        }
    )
    experiment = tt.Experiment({name: tt.Mean(name) for name in METRICS}, variant="variant")
    analysed = experiment.analyze(rows, control="no-email", all_variants=True)
    return {(metric, treatment): found[metric] for (_, treatment), found in analysed.items() for metric in METRICS}


def test_every_count_and_sum_is_as_published_after_a_crash(replayed: Replayed) -> None:
    assert deviations(replayed.results) == []
    assert replayed.exit_code == 0


@pytest.mark.parametrize("variant", ["mens-email", "womens-email"])
@pytest.mark.parametrize("metric", METRICS)
def test_differences_equal_those_of_another_library_on_the_raw_rows(
    replayed: Replayed, published: dict[tuple[str, str], Any], metric: str, variant: str
) -> None:
    ours = {(each["metric"], each["variant"]): each for each in replayed.results["comparisons"]}[metric, variant]
    theirs = published[metric, variant]
    interval = [theirs.effect_size_ci_lower, theirs.effect_size_ci_upper]
    assert ours["p_value"] == pytest.approx(theirs.pvalue, rel=1e-9, abs=0)
    assert ours["absolute"]["estimate"] == pytest.approx(theirs.effect_size, rel=1e-9, abs=0)
    assert ours["absolute"]["ci"] == pytest.approx(interval, rel=1e-9, abs=0)


def test_sending_every_event_once_more_changes_nothing(replayed: Replayed) -> None:
    experiment = replayed.service.call("analyst", "GET", f"/v1/experiments/{KEY}")
    send(replayed.service, experiment)
    replayed.service.sleep(6)  # the contract: complete within 5 seconds of the last event
    assert deviations(read_results(replayed.service, KEY)) == []
