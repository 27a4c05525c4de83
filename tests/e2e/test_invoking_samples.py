"""`make invoke` runs each function of the running service with its sample event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from local import invoke
from local import service as local_service
from local.service import Service
from tests.samples import SAMPLES

pytestmark = pytest.mark.engine
GOOD = {"events": 202, "experiments": 200, "site": 200, "assignments": 404, "flags": 404, "results": 404, "export": 404}
# Those of 404 ask for an experiment that is not there.
ANSWERS: dict[str, dict[str, Any]] = {"attribution": {"batchItemFailures": []}, "rollup": {"state": {}}}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with local_service.start(tmp_path_factory.mktemp("samples")) as service:
        yield service


@pytest.fixture
def invoked(running: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str) -> Any:
    """What the command prints when it runs the function with its sample."""
    monkeypatch.setenv("FAIRSPLIT_PORT", str(running.port))
    assert invoke.main([name, str(SAMPLES / f"{name}.json")]) == 0
    return json.loads(capsys.readouterr().out)


def test_evidently_is_not_there_by_default(running: Service) -> None:
    path = "/projects/shop/evaluations/checkout-button"
    assert httpx.post(f"{running.url}{path}", json={"entityId": "ada"}).status_code == 404
    assert httpx.post(f"{running.url}/2015-03-31/functions/evidently/invocations", json={}).status_code == 404


@pytest.mark.parametrize("name", GOOD)
def test_a_request_gets_its_answer(name: str, invoked: Any) -> None:
    assert invoked["statusCode"] == GOOD[name]


@pytest.mark.parametrize("name", ANSWERS)
def test_a_stream_function_takes_its_batch(name: str, invoked: Any) -> None:
    assert invoked == ANSWERS[name]


@pytest.mark.parametrize("name", ["maintenance"])
def test_maintenance_does_a_round_or_leaves_it_to_the_one_under_way(name: str, invoked: Any) -> None:
    assert invoked.keys() <= {"tasks", "skipped"}
    assert invoked
