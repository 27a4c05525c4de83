"""A replay goes on where it was cut off, starts afresh where it was not, and names every wrong number."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from local import hillstrom
from local.experiments import activate
from local.http_client import CallError
from local.replay import deviations, open_run
from tests.unit.local_clients.fake_service import NO_RESULTS, RESULTS, FakeService, connected


def ours(status: str) -> dict[str, Any]:
    return {"status": status, **hillstrom.DEFINITION}


def test_the_first_replay_creates_the_experiment() -> None:
    fake = FakeService()
    with connected(fake) as service:
        assert open_run(service, "mail")["key"] == "mail"
    assert fake.experiments["mail"]["metrics"] == hillstrom.DEFINITION["metrics"]


@pytest.mark.parametrize("status", ["draft", "active"])
def test_a_replay_that_was_cut_off_is_opened_again(status: str) -> None:
    fake = FakeService()
    fake.experiments["mail"] = ours(status) | {"key": "mail"}
    with connected(fake) as service:
        assert open_run(service, "mail")["key"] == "mail"


@pytest.mark.parametrize(
    ("taken", "results"),
    [(ours("active"), RESULTS), (ours("completed"), NO_RESULTS), (ours("draft") | {"name": "Another"}, NO_RESULTS)],
    ids=["whole", "completed", "another experiment"],
)
def test_a_key_that_is_taken_gets_a_suffix(taken: dict[str, Any], results: dict[str, Any]) -> None:
    fake = FakeService()
    fake.experiments["mail"] = taken
    fake.results["mail"] = [results]
    with connected(fake) as service:
        assert open_run(service, "mail")["key"] == "mail-2"


def test_an_activation_whose_answer_was_lost_is_no_error() -> None:
    fake = FakeService()
    fake.experiments["mail"] = ours("active")
    with connected(fake) as service:
        activate(service, "mail")
    assert fake.experiments["mail"]["status"] == "active"


def test_an_activation_that_is_refused_is_an_error() -> None:
    fake = FakeService()
    fake.experiments["mail"] = ours("archived")
    with connected(fake) as service, pytest.raises(CallError, match="transition_not_allowed"):
        activate(service, "mail")


def test_the_published_numbers_deviate_in_nothing() -> None:
    assert deviations(RESULTS) == []


@pytest.mark.parametrize("metric", ["visit", "conversion", "spend"])
def test_a_cent_or_a_count_too_much_is_named_with_its_variant(metric: str) -> None:
    wrong = deepcopy(RESULTS)
    wrong["variants"][1]["metrics"][metric]["sum"] += 0.01
    assert [line.split(":")[0] for line in deviations(wrong)] == ["mens-email"]


def test_a_variant_that_is_missing_is_named() -> None:
    assert len(deviations(NO_RESULTS)) == 3
