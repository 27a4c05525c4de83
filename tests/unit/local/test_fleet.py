"""The fleet ends while its workers are busy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from local import fleet as fleets
from local.fleet import Fleet
from local.replies import Failure, Reply, failed
from local.templates import Function


class DyingWorker:
    """A worker that ends in the middle of its invocation."""

    def __init__(self, function: Function, meanwhile: Callable[[], object]) -> None:
        self.function = function
        self.meanwhile = meanwhile
        self.is_alive = True
        self.process = SimpleNamespace(kill=lambda: None)
        self.stops = 0

    def invoke(self, _payload: bytes) -> Reply:
        self.meanwhile()
        self.is_alive = False
        return failed(Failure.CRASH, "Runtime.ExitError", "killed")

    def stop(self) -> None:
        self.stops += 1


def invoked(tmp_path: Path, meanwhile: Callable[[Fleet], object]) -> DyingWorker:
    """The only worker of a fleet, after an invocation in the middle of which something happened."""
    function = Function("F", tmp_path, "handler.lambda_handler", 3, 128, {}, {})
    fleet = Fleet([function], "http://nowhere", tmp_path)
    worker = DyingWorker(function, lambda: meanwhile(fleet))
    stand_in: Any = worker
    fleet.workers, fleet.idle["F"] = {stand_in}, [stand_in]
    fleet.invoke("F", b"{}")
    return worker


def test_a_worker_that_died_is_cleared_away(tmp_path: Path) -> None:
    assert invoked(tmp_path, lambda _fleet: None).stops == 1


def test_a_worker_that_was_killed_by_the_end_of_the_service_is_cleared_away_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleets, "DRAIN_WITHIN", 0)
    assert invoked(tmp_path, Fleet.stop).stops == 1
