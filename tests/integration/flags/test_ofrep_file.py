"""Whatever is called, allowed by OFREP's OpenAPI file or not: each answer is one that the file has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import CLIENT
from tests.integration.experiments.making import VARIANTS, create_in
from tests.integration.flags.evaluating import ALL
from tests.integration.flags.ofrep_file import Run, call_after, read_file

pytestmark = pytest.mark.engine
ONE = f"{ALL}/{{key}}"
VALUES: list[Any] = [True, "x", 7, 1.5, {"a": [1]}, [1, "x"], None]


@pytest.fixture(scope="module")
def run(gateway: Gateway) -> Run:
    """Calls after the file; there are flags with values of every type, one of them of the file's examples."""
    for value in VALUES:
        create_in(gateway, "active", variants=[VARIANTS[0], VARIANTS[1] | {"value": value}])
    create_in(gateway, "active", key="discount-banner", coverage=50)
    return call_after(read_file(), gateway, CLIENT)


def test_no_answer_is_one_that_the_file_does_not_have(run: Run) -> None:
    assert run.faults == []


def test_calls_are_made_by_examples_by_boundaries_and_at_random(run: Run) -> None:
    made = {(phase, path) for phase, _, path, _ in run.calls}
    assert made == {(phase, path) for phase in ("examples", "coverage", "fuzzing") for path in (ONE, ALL)}
    assert 100 < run.calls.total() < 500


def test_they_are_answered_in_every_way_that_a_caller_can_bring_about(run: Run) -> None:
    assert run.statuses(ONE) == {200, 400, 404}
    assert run.statuses(ALL) == {200, 304, 400}


def test_other_methods_are_not_allowed(run: Run) -> None:
    assert {status for _, method, _, status in run.calls if method != "POST"} == {405}


def test_an_unknown_token_and_one_of_another_role_are_answered_as_the_file_says(gateway: Gateway) -> None:
    for token, status in (("wrong", 401), ("local-analyst", 403)):
        assert gateway.post(ALL, {"context": {"targetingKey": "u"}}, token=token).status == status
        assert str(status) in read_file()["paths"][ALL]["post"]["responses"]
