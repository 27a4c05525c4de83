"""POST …/recount."""

from __future__ import annotations

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, Catalog, create_in

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("status", ["active", "paused", "completed", "archived"])
def test_a_requested_recount_is_queued_under_the_next_epoch(gateway: Gateway, catalog: Catalog, status: str) -> None:
    before = create_in(gateway, status)
    epoch = (catalog.recount(before["key"]) or (1,))[0]
    answer = gateway.post(f"{EXPERIMENTS}/{before['key']}/recount")
    assert (answer.status, answer.body["state"], answer.body["reason"]) == (202, "queued", "requested")
    assert catalog.recount(before["key"]) == (epoch + 1, "queued", "requested")
    entry = gateway.get(f"{EXPERIMENTS}/{before['key']}/history").body["items"][0]
    assert (entry["action"], entry["reason"], entry["changes"]) == ("recount", "requested", [])


def test_a_draft_is_not_recounted(gateway: Gateway, catalog: Catalog) -> None:
    key = create_in(gateway, "draft")["key"]
    before = catalog.dump()
    answer = gateway.post(f"{EXPERIMENTS}/{key}/recount")
    assert (answer.status, answer.code) == (409, "not_recountable")
    assert catalog.dump() == before


def test_an_unknown_experiment_is_not_recounted(gateway: Gateway) -> None:
    assert gateway.post(f"{EXPERIMENTS}/missing/recount").code == "experiment_not_found"
