"""Before there is the experiment that the sample events name, they get a clean problem."""

from __future__ import annotations

import pytest

from tests.gateway import Gateway
from tests.samples import sample

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("function", ["assignments", "results"])
def test_what_needs_the_experiment_answers_404(gateway: Gateway, function: str) -> None:
    answer = gateway.send_event(sample(function))
    assert (answer.status, answer.code) == (404, "experiment_not_found")
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_event_is_accepted_all_the_same(gateway: Gateway) -> None:
    assert gateway.send_event(sample("events")).body["accepted"] == 1
