"""docs/migrating-from-evidently.md says what the wire and the import do; its client is run with the other clients."""

from __future__ import annotations

import re

import pytest

from fairsplit.domain.evidently_names import key_of_feature
from fairsplit.http.evidently import answers, errors, events, questions
from fairsplit.http.routes import OPTIONAL
from local.evidently.__main__ import make
from local.evidently.drafts import drafts_of
from local.evidently.export import read
from tests.clients import old_boto3
from tests.docs.markdown import EVIDENTLY
from tests.evidently_export import FILE
from tests.unit.local_clients.fake_service import FakeService, connected


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in OPTIONAL])
def test_a_route_stands_in_the_page(method: str, path: str) -> None:
    assert f"`{method} {path}`" in EVIDENTLY.text


def test_every_exception_stands_there_with_its_status_and_no_other() -> None:
    ways = {*errors.OF_TYPE.values(), errors.FAULT}
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", EVIDENTLY.section("Errors"), re.MULTILINE)
    assert sorted(rows) == sorted((f"{status:d}", name) for status, name in ways)


def test_every_reason_stands_there() -> None:
    section = EVIDENTLY.section("Evaluations")
    assert {answers.EXPERIMENT, answers.LAUNCH, *sum(answers.DETAILS.values(), ())} <= set(re.findall(r"\w+", section))
    assert re.findall(r"^\| `([A-Z_]+)` \|", section, re.MULTILINE) == [
        *(answers.EXPERIMENT, answers.LAUNCH, answers.OVERRIDE, answers.DEFAULT),
    ]


def test_the_names_have_the_keys_that_they_get() -> None:
    pairs = re.findall(r"^\| `(\S+)` \| `(\S+)` \|", EVIDENTLY.section("Names"), re.MULTILINE)
    assert [key_of_feature(name) for name, _ in pairs] == [key for _, key in pairs]
    assert len(pairs) == 2


def test_the_limits_are_those_of_the_code() -> None:
    section = EVIDENTLY.section("Events")
    assert f"Up to {events.MOST} a call" in section
    assert f"An event has 1 to {events.MOST_NUMBERS} of them" in section
    assert f"A batch has 1 to {questions.MOST} evaluations" in EVIDENTLY.section("Evaluations")


def test_the_import_prints_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with connected(FakeService()) as service:
        make(service, drafts_of(read(FILE)))
    assert capsys.readouterr().out in EVIDENTLY.blocks("text")


def test_the_pins_are_those_that_the_tests_run_with() -> None:
    pins = old_boto3.PINS.read_text().splitlines()
    assert {"boto3==1.42.50", "botocore==1.42.50"} <= {*pins} & {*EVIDENTLY.words()}
