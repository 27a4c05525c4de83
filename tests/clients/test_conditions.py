"""Conditions at whose edges languages differ: each line of the table in docs/clients.md, on the running service."""

from __future__ import annotations

import json
import re

import pytest

from local.http_client import Service
from tests.clients.making import certain, make, sdk_token
from tests.clients.sdks import evaluate
from tests.docs.markdown import CLIENTS

pytestmark = pytest.mark.engine

LINE = re.compile(r"^\| `(.+)` \| `(.+)` \| (yes|no) \| (yes|no) \| (yes|no) \|$", re.MULTILINE)
LINES = LINE.findall(CLIENTS.section("Where the languages differ"))
Answers = list[tuple[str, ...]]


@pytest.fixture(scope="module")
def answers(service: Service, npm: object) -> Answers:
    """Whether Fairsplit, Python's SDK and JavaScript's say that the unit is in, line by line."""
    for number, (condition, *_) in enumerate(LINES):
        make(service, f"line-{number}", "active", **certain("on"), targeting=json.loads(condition))
    columns = [by_fairsplit(service), by_sdk(service, "python"), by_sdk(service, "node")]
    return list(zip(*columns, strict=True))


def by_fairsplit(service: Service) -> list[str]:
    found = []
    for number, (_, attributes, *_) in enumerate(LINES):
        asked = {"attributes": json.loads(attributes)}
        path = f"/v1/experiments/line-{number}/assignments/ada"
        found.append("yes" if service.call("client", "PUT", path, asked)["variant"] else "no")
    return found


def by_sdk(service: Service, language: str) -> list[str]:
    keys = [f"line-{number}" for number in range(len(LINES))]
    users = [{"id": "ada"} | json.loads(attributes) for _, attributes, *_ in LINES]
    found = evaluate(language, service.url, sdk_token(service), keys, users)
    return ["yes" if one[key]["variant"] else "no" for key, one in zip(keys, found, strict=True)]


@pytest.mark.parametrize("number", range(len(LINES)), ids=[condition for condition, *_ in LINES])
def test_a_line_of_the_table_is_what_is_said(number: int, answers: Answers) -> None:
    assert answers[number] == tuple(LINES[number][2:])


def test_the_table_is_found() -> None:
    assert len(LINES) == 10
