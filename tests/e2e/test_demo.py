"""The demo tells a newcomer what the API itself says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import service as local_service
from local.demo import demo
from local.demo_words import verdict
from local.http_client import Service, connect
from local.result_table import render
from local.waiting import read_results
from tests import curl

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with local_service.start(tmp_path_factory.mktemp("demo")) as running, connect(running.url) as client:
        yield client


@pytest.fixture(scope="module")
def printed(service: Service) -> str:
    """What the demo prints, run with few visitors as a newcomer runs it."""
    command = [sys.executable, "-m", "local.demo", "--url", service.url, "--visitors", "200"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_printed_table_and_verdict_are_the_apis_results(service: Service, printed: str) -> None:
    results = read_results(service, "checkout-button")
    assert render(results) in printed
    assert verdict(results) in printed


def test_an_assignment_and_an_event_are_shown_with_their_answers(printed: str) -> None:
    assert "PUT /v1/experiments/checkout-button/assignments/checkout-button:visitor-" in printed
    assert '→ {"accepted": 1, "rejected": []}' in printed


def test_the_commands_it_names_work(service: Service, printed: str) -> None:
    for command in re.findall(r"^    (curl (?:.*\\\n)?.*)$", printed, re.MULTILINE):
        curl.run(command)


def test_a_second_demo_takes_the_next_key(service: Service, printed: str) -> None:
    assert demo(service, visitors=20) == 0
    assert read_results(service, "checkout-button-2")["summary"]["units"] == 20
