"""What Evidently's calls cost, in calls to the store and in capacity."""

from __future__ import annotations

import pytest

from tests.counting import Counts
from tests.gateway import Gateway
from tests.integration.evidently.asking import Evidently, load_time, requests_of
from tests.integration.experiments.making import create_in

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def keys(gateway: Gateway) -> list[str]:
    return [str(create_in(gateway, "active")["key"]) for _ in range(20)]


def test_an_evaluation_costs_what_an_assignment_costs(evidently: Evidently, keys: list[str], warm: Counts) -> None:
    evidently.evaluate(keys[0], "known")
    warm.calls.clear()
    evidently.evaluate(keys[0], "new")
    evidently.evaluate(keys[0], "new")
    assert warm.calls == {"GetItem": 1, "PutItem": 1}


def test_twenty_features_of_a_unit_are_one_query_and_one_write(
    evidently: Evidently, keys: list[str], warm: Counts
) -> None:
    evidently.batch(requests_of("known", keys))
    warm.calls.clear()
    for _ in range(2):
        assert len(evidently.batch(requests_of("emil", keys)).body["results"]) == 20
    assert warm.calls == {"Query": 1, "BatchExecuteStatement": 1}


def test_fifty_events_of_a_unit_are_one_write(evidently: Evidently, warm: Counts) -> None:
    assert evidently.put([load_time(number, "fritz") for number in range(50)]).body["failedEventCount"] == 0
    assert warm.calls == {"BatchExecuteStatement": 1}
