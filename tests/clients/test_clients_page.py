"""The examples of docs/clients.md, run as they stand on a running service, in Python, in Node and in a browser."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from local.demo import create
from local.experiments import activate
from local.http_client import Service
from tests import curl
from tests.clients import installing, node
from tests.clients.making import sdk_token, stored
from tests.docs.markdown import CLIENTS
from tests.e2e.local_stack import eventually

pytestmark = pytest.mark.engine

ADDRESS = "http://127.0.0.1:8000"
TOKEN = "the-token-of-above"
FLAG = "checkout-button"
SHOW = (Path(__file__).parent / "show_page.mjs").read_text()
SHELL = CLIENTS.blocks("sh")
CALLS = [block for block in SHELL if block.startswith("curl")]
PYTHON_OPENFEATURE, PYTHON_HOOK, PYTHON_GROWTHBOOK = CLIENTS.blocks("python")
PAGE_BEACON, NODE_OPENFEATURE, PAGE_OPENFEATURE, PAGE_GROWTHBOOK = CLIENTS.blocks("js")
Mine = Callable[[str, str], str]


@pytest.fixture(scope="module")
def mine(service: Service, npm: Path) -> Mine:
    """An example with this service's address and token, and a unit of the test's own."""
    assert create(service) == FLAG
    activate(service, FLAG)
    token = sdk_token(service)

    def of(example: str, unit: str) -> str:
        return re.sub(r"\bada\b", unit, example.replace(ADDRESS, service.url).replace(TOKEN, token))

    return of


def call(mine: Mine, number: int, unit: str = "ada") -> Any:
    address = mine(ADDRESS, unit)
    return json.loads(curl.run(mine(CALLS[number], unit).replace("$API", f"{address}/v1")))


def settings(mine: Mine) -> dict[str, str]:
    """The environment that the page's exports make."""
    words = [word for block in SHELL if block.startswith("export") for word in shlex.split(mine(block, ""))]
    return dict(word.split("=", 1) for word in words if word != "export")


def printed_by_python(example: str, environment: dict[str, str]) -> str:
    command = [sys.executable, "-W", "error", "-c", example]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_variant_is_asked_for_all_of_them_are_and_events_are_sent(mine: Mine) -> None:
    one, every, sent, _ = [call(mine, number) for number in range(4)]
    assert (one["reason"], one["new"]) == ("assigned", True)
    assert [(of["experiment"], of["variant"]) for of in every["decisions"]] == [(FLAG, one["variant"])]
    assert sent == {"accepted": 2, "rejected": []}


def test_a_token_for_pages_is_made(mine: Mine) -> None:
    assert call(mine, 3)["token"]


def test_a_page_sends_a_beacon(mine: Mine, service: Service) -> None:
    given = {"api": service.url, "code": mine(PAGE_BEACON, "berta"), "shows": False}
    events = node.run_with_pages(SHOW, given)["events"]
    assert [(event["method"], event["type"], event["status"]) for event in events] == [("POST", "Ping", 202)] * 2


ON_SERVER = {
    "python": lambda mine, unit, env: printed_by_python(mine(PYTHON_OPENFEATURE, unit), env),
    "node": lambda mine, unit, env: node.printed(mine(NODE_OPENFEATURE, unit), **env).strip(),
}


@pytest.mark.parametrize("language", ON_SERVER)
def test_reading_a_flag_on_a_server_is_its_assignment(language: str, mine: Mine, service: Service) -> None:
    color = ON_SERVER[language](mine, language, settings(mine))
    assert stored(service, language) == {FLAG: color}


def test_the_hook_on_a_server_tells_each_reading_once(mine: Mine, service: Service) -> None:
    setup, reading = PYTHON_OPENFEATURE.split("\n\ncontext = ")
    twice = f"context = {reading}" * 2
    color, again = printed_by_python(mine("\n".join([setup, PYTHON_HOOK, twice]), "emil"), settings(mine)).split()
    rows = csv.DictReader(service.read("analyst", f"/v1/experiments/{FLAG}/export?what=events").text.splitlines())
    met = [json.loads(row["properties"]) for row in rows if (row["unit_id"], row["type"]) == ("emil", "$exposure")]
    assert (color, met) == (again, [{"experiment": FLAG, "variant": color}])


@pytest.mark.parametrize("language", ON_SERVER)
def test_without_an_answer_the_default_in_the_code_is_taken(language: str, mine: Mine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert ON_SERVER[language](mine, language, settings(mine) | {"OFREP_ENDPOINT": address}) == "blue"


def test_reading_a_flag_in_a_page_is_told_once_a_session(mine: Mine, service: Service) -> None:
    given = {"api": service.url, "code": mine(PAGE_OPENFEATURE, "caesar"), "shows": True}
    found = node.run_with_pages(SHOW, given)
    (event,) = [json.loads(event["body"]) for event in found["events"]]
    color = event["properties"]["variant"]
    assert found["shown"] == [color, color]
    assert eventually(lambda: stored(service, "caesar") == {FLAG: color})


def test_what_growthbook_gives_on_a_server_is_stored(mine: Mine, service: Service) -> None:
    color = printed_by_python(mine(PYTHON_GROWTHBOOK, "growthbook-python"), settings(mine))
    assert eventually(lambda: stored(service, "growthbook-python") == {FLAG: color})


def test_what_growthbook_gives_in_a_page_is_stored(mine: Mine, service: Service) -> None:
    given = {"api": service.url, "code": mine(PAGE_GROWTHBOOK, "dora"), "shows": True}
    found = node.run_with_pages(SHOW, given)
    color = found["shown"][0]
    assert [json.loads(event["body"])["properties"]["variant"] for event in found["events"]] == [color, color]
    assert eventually(lambda: stored(service, "dora") == {FLAG: color})


def test_the_versions_that_the_page_names_are_those_that_ran() -> None:
    of_npm = json.loads((Path(installing.__file__).parent / "package.json").read_text())["dependencies"]
    provider, growthbook = "@openfeature/ofrep-provider", "@growthbook/growthbook"
    assert f"`openfeature-provider-ofrep` {version('openfeature-provider-ofrep')}" in CLIENTS.prose
    assert f"`{provider}` {of_npm[provider]}" in CLIENTS.prose
    assert (
        f"`growthbook` {version('growthbook')} of PyPI and `{growthbook}` {of_npm[growthbook]} of npm" in CLIENTS.prose
    )
