"""The first experiment of the README, called as it stands there on a running service."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from local import service as local_service
from tests import curl
from tests.docs.markdown import README
from tests.docs.shown import differences, parse

ADDRESS = "http://127.0.0.1:8000"
PATIENCE = 30  # seconds until the results are complete
SET_UP, *CALLS = [block for block in README.blocks("sh") if block.startswith(("API=", "curl"))]
SHOWN = [parse(block) for block in README.blocks("json")]

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with local_service.start(tmp_path_factory.mktemp("readme")) as running:
        yield running.url


@pytest.fixture(scope="module")
def answers(url: str) -> list[Any]:
    """What the service answers to each call, the results once they hold the event."""
    *first, last = CALLS
    return [*(called(call, url) for call in first), results(last, url)]


def called(call: str, url: str) -> Any:
    """The answer to one call, as it stands, but for the address."""
    return json.loads(curl.run(call.replace("$API", SET_UP.strip().removeprefix("API=").replace(ADDRESS, url))))


def results(call: str, url: str) -> Any:
    until = time.monotonic() + PATIENCE
    answer = called(call, url)
    while answer["summary"]["events"] < 1 and time.monotonic() < until:
        time.sleep(0.2)
        answer = called(call, url)
    return answer


def test_without_curl_a_call_is_the_same(answers: list[Any], url: str) -> None:
    read = CALLS[-1].replace("$API", f"{url}/v1")
    assert json.loads(curl.ask(read))["variants"] == answers[-1]["variants"]
    sent = json.loads(curl.ask(CALLS[-2].replace("$API", f"{url}/v1")))
    assert sent == answers[-2]


def test_five_calls_are_shown_each_with_its_answer() -> None:
    assert ADDRESS in SET_UP
    assert (len(CALLS), len(SHOWN)) == (5, 5)


@pytest.mark.parametrize("number", range(len(CALLS)), ids=["create", "activate", "assign", "send", "read"])
def test_an_answer_is_as_shown(answers: list[Any], number: int) -> None:
    assert list(differences(SHOWN[number], answers[number])) == []
