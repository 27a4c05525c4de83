"""One round of maintenance at a time, and a number that tells an old holder from the new one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fairsplit.domain.timestamps import now
from fairsplit.storage.leases import Lease
from fairsplit.storage.recounts import Recounts
from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, create_in
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, noon

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
SKIPPED = {"skipped": "another round is under way"}
FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def lease(client: DynamoDBClient, tables: dict[str, str], pipeline: Pipeline) -> Lease:
    """The lease that rounds of maintenance take; it is free."""
    lease = Lease(client, tables["CatalogTable"], "maintenance")
    tomorrow = now() + timedelta(days=1)  # whoever holds it has lost it by then
    lease.take("nobody", tomorrow, FIVE_MINUTES)
    lease.give_back("nobody", tomorrow)
    return lease


def recounted(gateway: Gateway) -> str:
    """An experiment whose recount is queued."""
    key = create_in(gateway, "active", metrics=[ORDERS])["key"]
    assert gateway.post(f"{EXPERIMENTS}/{key}/recount").status == 202
    return str(key)


def test_of_two_rounds_at_once_one_skips(gateway: Gateway, pipeline: Pipeline) -> None:
    enter(gateway, recounted(gateway), {"u-1": "green"}, noon(1))
    second: list[dict[str, Any]] = []

    def meanwhile() -> None:
        pipeline.drain()
        second.append(pipeline.maintain())

    first = pipeline.maintain(pause=meanwhile)
    assert "tasks" in first
    assert SKIPPED in second
    assert all(one == SKIPPED for one in second)


def test_a_round_skips_while_another_holder_has_the_lease(pipeline: Pipeline, lease: Lease) -> None:
    assert lease.take("somebody", now(), FIVE_MINUTES)
    assert pipeline.maintain() == SKIPPED


def test_a_round_gives_the_lease_back(pipeline: Pipeline, lease: Lease) -> None:
    assert "tasks" in pipeline.maintain()
    assert lease.take("somebody", now(), FIVE_MINUTES)


def test_a_round_that_fails_gives_the_lease_back(
    pipeline: Pipeline, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = pipeline.handlers["MaintenanceFunction"].__globals__
    monkeypatch.setitem(seen, "_do_all", lambda _maintenance: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pipeline.maintain()
    assert lease.take("somebody", now(), FIVE_MINUTES)


def test_a_lease_that_ran_out_is_taken_over_with_a_higher_number(lease: Lease) -> None:
    start = now()
    first = lease.take("dead", start, FIVE_MINUTES)
    assert lease.take("next", start + FIVE_MINUTES, FIVE_MINUTES) is None
    second = lease.take("next", start + FIVE_MINUTES + timedelta(milliseconds=1), FIVE_MINUTES)
    assert first is not None
    assert second is not None
    assert second > first


def test_a_lease_that_was_given_back_is_free_by_any_clock(lease: Lease) -> None:
    ahead = now() + FIVE_MINUTES
    lease.take("somebody", ahead, FIVE_MINUTES)
    lease.give_back("somebody", ahead)
    assert lease.take("next", now(), FIVE_MINUTES)


def test_asking_again_in_the_same_name_renews_it(lease: Lease) -> None:
    start = now()
    lease.take("somebody", start, FIVE_MINUTES)
    lease.take("somebody", start + timedelta(minutes=4), FIVE_MINUTES)
    assert lease.take("other", start + timedelta(minutes=8), FIVE_MINUTES) is None


def test_who_lost_the_lease_cannot_give_it_back(lease: Lease) -> None:
    lease.take("dead", now() - 2 * FIVE_MINUTES, FIVE_MINUTES)
    lease.take("next", now(), FIVE_MINUTES)
    lease.give_back("dead", now())
    assert lease.take("third", now(), FIVE_MINUTES) is None


def test_who_lost_the_lease_cannot_save_a_recounts_progress(gateway: Gateway, lease: Lease, recounts: Recounts) -> None:
    recount = recounts.read(recounted(gateway))
    old = lease.take("dead", now() - 2 * FIVE_MINUTES, FIVE_MINUTES) or 0
    new = lease.take("next", now(), FIVE_MINUTES) or 0
    assert recounts.save(replace(recount, walked=1), new)
    assert not recounts.save(replace(recount, walked=2), old)
    assert recounts.read(recount.experiment).walked == 1


def test_a_recount_that_was_queued_since_refuses_the_progress_of_the_one_before(
    gateway: Gateway, lease: Lease, recounts: Recounts
) -> None:
    recount = recounts.read(recounted(gateway))
    gateway.post(f"{EXPERIMENTS}/{recount.experiment}/recount")
    fence = lease.take("next", now(), FIVE_MINUTES) or 0
    assert not recounts.save(replace(recount, walked=1), fence)
