"""The service starts, stops, dies and starts again, and leaves neither processes behind nor records out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path

import httpx
import pytest

from local import engine
from local.service import Service
from tests.e2e.local_stack import TEMPLATE, children_of, command_of, copies, eventually, is_running, small_service

pytestmark = pytest.mark.engine
ROOT = Path(__file__).parents[2]


def put_until_refused(service: Service, prefix: str) -> list[str]:
    """Put items until the service is gone; those that it accepted."""
    accepted: list[str] = []
    with httpx.Client(base_url=service.url) as client:
        for number in count():
            try:
                answer = client.put(f"/items/{prefix}-{number}")
            except httpx.TransportError:
                return accepted
            if answer.status_code == 201:
                accepted.append(f"{prefix}-{number}")
    return accepted


def has_more_copies(service: Service, than: int) -> bool:
    return len(copies(service)) > than


def test_everything_that_was_accepted_survives_kill_9_and_reaches_the_stream_function(tmp_path: Path) -> None:
    accepted: set[str] = set()
    with small_service(tmp_path) as service, ThreadPoolExecutor(3) as pool:
        for round_number in range(3):
            before = len(copies(service))
            putting = [pool.submit(put_until_refused, service, f"{round_number}-{one}") for one in range(3)]
            assert eventually(partial(has_more_copies, service, before + 20))
            service.kill()
            accepted.update(key for future in putting for key in future.result())
            service.restart()
        assert len(accepted) > 60
        assert eventually(lambda: accepted <= copies(service))


def test_a_restart_goes_on_behind_the_checkpoints(tmp_path: Path) -> None:
    with small_service(tmp_path) as service:
        httpx.put(f"{service.url}/items/one")
        assert eventually(lambda: "one" in copies(service))
        assert eventually((tmp_path / "checkpoints.json").exists)
        before = (tmp_path / "checkpoints.json").read_text()
        service.stop()
        service.restart()
        httpx.put(f"{service.url}/items/two")
        assert eventually(lambda: "two" in copies(service))
        assert eventually(lambda: (tmp_path / "checkpoints.json").read_text() != before)
        assert set(json.loads(before)) == set(json.loads((tmp_path / "checkpoints.json").read_text()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_behind(tmp_path: Path, number: signal.Signals) -> None:
    with small_service(tmp_path) as service:
        assert service.process
        children = children_of(service)
        assert len(children) >= 5
        service.process.send_signal(number)
        assert service.process.wait(20) == (0 if number != signal.SIGKILL else -9)
        assert eventually(lambda: not any(is_running(pid) for pid in children))


def test_a_second_service_on_the_same_data_is_refused(tmp_path: Path) -> None:
    with small_service(tmp_path) as service:
        done = run_beside(FAIRSPLIT_PORT=str(service.port + 10), FAIRSPLIT_DATA_DIR=str(tmp_path))
        assert done.returncode == 1
        assert "Another service runs on" in done.stderr
        assert "FAIRSPLIT_DATA_DIR" in done.stderr


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with small_service(tmp_path / "one") as service:
        done = run_beside(FAIRSPLIT_PORT=str(service.port), FAIRSPLIT_DATA_DIR=str(tmp_path / "two"))
        assert done.returncode == 1
        assert f"Port {service.port} cannot be had" in done.stderr


def test_two_services_run_side_by_side_on_neighbouring_ports(tmp_path: Path) -> None:
    with small_service(tmp_path / "one") as one:
        two = Service(tmp_path / "two", port=one.port + 1, environment={"FAIRSPLIT_TEMPLATE": str(TEMPLATE)})
        two.start()
        for service in (one, two):
            assert httpx.get(f"{service.url}/v1/health").status_code == 200
        two.stop()


def test_a_poisonous_record_is_given_up_into_the_dead_letters_and_the_stream_goes_on(tmp_path: Path) -> None:
    letters = tmp_path / "dead-letters" / "DeadLetters.jsonl"
    with small_service(tmp_path) as service:
        httpx.put(f"{service.url}/items/poison")
        assert eventually(letters.exists)
        httpx.put(f"{service.url}/items/after")
        assert eventually(lambda: "after" in copies(service))
    letter = json.loads(letters.read_text().splitlines()[0])
    assert letter["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert letter["DDBStreamBatchInfo"]["batchSize"] == 1
    assert {"shardId", "startSequenceNumber", "endSequenceNumber", "streamArn"} <= set(letter["DDBStreamBatchInfo"])


@pytest.mark.parametrize("kind", engine.KINDS)
def test_another_dynamodb_can_stand_in_for_its_own(tmp_path: Path, kind: str) -> None:
    with (
        engine.start(kind=kind) as other,
        small_service(tmp_path, FAIRSPLIT_ENDPOINT_URL=other.endpoint_url) as service,
    ):
        httpx.put(f"{service.url}/items/there")
        assert eventually(lambda: "there" in copies(service))
        assert not [path for path in tmp_path.iterdir() if path.name in engine.KINDS]


def test_the_end_of_the_database_ends_the_service(tmp_path: Path) -> None:
    with small_service(tmp_path) as service:
        assert service.process
        (database,) = [pid for pid in children_of(service) if "dynoxide" in command_of(pid)]
        os.kill(database, signal.SIGKILL)
        assert service.process.wait(30) == 1
        assert "The database engine has ended" in service.output


def run_beside(**environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m local` to its end."""
    settings = {"FAIRSPLIT_TEMPLATE": str(TEMPLATE), **environment}
    command = [sys.executable, "-m", "local"]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
