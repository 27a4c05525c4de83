"""Many callers at once: what is answered was stored, and nobody's change is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest

from fairsplit.domain.audit import Actor
from fairsplit.domain.errors import FairsplitError
from fairsplit.domain.timestamps import now
from fairsplit.http.etags import check_match
from fairsplit.services.experimenting import Check, Experimenting
from fairsplit.storage.experiments import Experiments
from fairsplit.storage.recounts import Recounts
from tests.integration.experiments.making import PURCHASED, Catalog, body

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
CALLERS = 32


@pytest.fixture(scope="module")
def desk(client: DynamoDBClient, tables: dict[str, str]) -> Experimenting:
    table = tables["CatalogTable"]
    return Experimenting(Experiments(client, table), Recounts(client, table), Actor("t", "a test"), now(), 480)


def if_match(tag: str) -> Check:
    return lambda version: check_match({"headers": {"if-match": tag}}, version)


def anyway(_version: int) -> None:
    """No If-Match."""


def at_once(change: Callable[[int], Any]) -> Counter[str]:
    """How often each outcome came when all callers start together: `done`, or the error's code."""
    barrier = Barrier(CALLERS)

    def call(number: int) -> str:
        barrier.wait()
        try:
            change(number)
        except FairsplitError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(CALLERS) as pool:
        return Counter(pool.map(call, range(CALLERS)))


def versions(desk: Experimenting, key: str) -> list[int]:
    """The versions in the audit trail."""
    return sorted(entry.version for entry in desk.store.history(key, 100, None)[0])


def test_of_many_patches_of_one_version_exactly_one_goes_through(desk: Experimenting) -> None:
    key = desk.create(body(), "seed").key
    outcomes = at_once(lambda number: desk.patch(key, {"name": f"name {number}"}, if_match('"1"')))
    assert outcomes == {"done": 1, "stale_version": CALLERS - 1}
    assert versions(desk, key) == [1, 2]


def test_patches_without_a_version_are_made_one_after_the_other(desk: Experimenting) -> None:
    key = desk.create(body(), "seed").key
    outcomes = at_once(lambda number: desk.patch(key, {"name": f"name {number}"}, anyway))
    assert set(outcomes) <= {"done", "experiment_contended"}
    assert versions(desk, key) == list(range(1, outcomes["done"] + 2))


def test_patches_of_different_fields_are_all_kept(desk: Experimenting) -> None:
    key = desk.create(body(), "seed").key
    fields = ["name", "description", "hypothesis"]
    outcomes = at_once(lambda number: desk.patch(key, {fields[number % 3]: "another"}, anyway))
    stored = desk.store.read(key)
    assert outcomes == {"done": CALLERS}
    assert stored
    assert (stored.name, stored.description, stored.hypothesis, stored.version) == (*["another"] * 3, 4)


def test_of_many_creations_of_one_key_exactly_one_goes_through(desk: Experimenting, catalog: Catalog) -> None:
    sent = body()
    assert at_once(lambda number: desk.create(sent, f"seed {number}")) == {"done": 1, "key_taken": CALLERS - 1}
    assert versions(desk, sent["key"]) == [1]
    assert sum(f"#{sent['key']}'" in item and "'EXPERIMENTS'" in item for item in catalog.dump()) == 1


def test_of_many_starts_exactly_one_goes_through(desk: Experimenting) -> None:
    key = desk.create(body(), "seed").key
    outcomes = at_once(lambda number: desk.transition(key, {"to": "active"}, anyway))
    assert outcomes == {"done": 1, "transition_not_allowed": CALLERS - 1}


def test_completion_and_metrics_at_once_never_share_an_epoch(desk: Experimenting, catalog: Catalog) -> None:
    key = desk.create(body(), "seed").key
    desk.transition(key, {"to": "active"}, anyway)
    calls: list[Callable[[], Any]] = [
        lambda: desk.transition(key, {"to": "completed"}, anyway),
        lambda: desk.patch(key, {"metrics": [PURCHASED]}, anyway),
        lambda: desk.request_recount(key, "requested"),
    ]
    at_once(lambda number: calls[number % 3]())
    stored, recount = desk.store.read(key), catalog.recount(key)
    assert stored
    assert recount
    assert recount[0] == stored.epoch


def test_a_draft_is_deleted_or_started_but_never_both(desk: Experimenting) -> None:
    for _ in range(5):
        key = desk.create(body(), "seed").key
        calls: list[Callable[[], Any]] = [
            lambda key=key: desk.delete(key, anyway),  # type: ignore[misc]  # mypy infers no type for a default
            lambda key=key: desk.transition(key, {"to": "active"}, anyway),  # type: ignore[misc]  # the same
        ]
        outcomes = at_once(lambda number, calls=calls: calls[number % 2]())  # type: ignore[misc]  # the same
        assert outcomes["done"] == 1
