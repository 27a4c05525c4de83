"""DELETE of drafts, and of what was imported into them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, PURCHASED, Catalog, create, create_in, fresh_key

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine


def test_a_draft_is_gone_and_only_its_trail_and_epoch_stay(gateway: Gateway, catalog: Catalog) -> None:
    key = create(gateway)["key"]
    answer = gateway.delete(f"{EXPERIMENTS}/{key}")
    assert (answer.status, answer.body) == (204, None)
    assert gateway.get(f"{EXPERIMENTS}/{key}").code == "experiment_not_found"
    assert key not in [one["key"] for one in gateway.get(EXPERIMENTS).body["items"]]
    assert catalog.item(f"EXPERIMENT#{key}", "CURRENT") is None
    assert catalog.recount(key) == (2, "done", "")


def test_the_trail_of_a_deleted_draft_can_still_be_read(gateway: Gateway) -> None:
    key = create(gateway)["key"]
    gateway.delete(f"{EXPERIMENTS}/{key}")
    create(gateway, key=key)
    actions = [entry["action"] for entry in gateway.get(f"{EXPERIMENTS}/{key}/history").body["items"]]
    assert actions == ["create", "delete", "create"]


@pytest.mark.parametrize("status", ["active", "paused", "completed", "archived"])
def test_only_a_draft_can_be_deleted(gateway: Gateway, catalog: Catalog, status: str) -> None:
    key = create_in(gateway, status)["key"]
    before = catalog.dump()
    answer = gateway.delete(f"{EXPERIMENTS}/{key}")
    assert (answer.status, answer.code) == (409, "not_draft")
    assert catalog.dump() == before


def test_what_was_imported_goes_too_and_other_experiments_keep_theirs(
    gateway: Gateway, client: DynamoDBClient, tables: dict[str, str]
) -> None:
    deleted, kept = create(gateway, metrics=[PURCHASED])["key"], create(gateway)["key"]
    for key in (deleted, kept):
        items = [{"unit_id": f"unit-{index}"} for index in range(30)]
        assert gateway.post(f"{EXPERIMENTS}/{key}/assignments", {"items": items}).body["created"] == 30
    assert gateway.delete(f"{EXPERIMENTS}/{deleted}").status == 204
    left = client.scan(TableName=tables["AssignmentsTable"], ConsistentRead=True)["Items"]
    assert [item["experiment"]["S"] for item in left] == [kept] * 30


def test_a_key_that_is_begun_again_never_sees_the_sums_of_the_one_before(gateway: Gateway, catalog: Catalog) -> None:
    key = create(gateway, key=fresh_key())["key"]
    gateway.delete(f"{EXPERIMENTS}/{key}")
    create(gateway, key=key)
    assert catalog.item(f"EXPERIMENT#{key}", "CURRENT")["epoch"]["N"] == "2"


def test_an_unknown_experiment_is_not_deleted(gateway: Gateway) -> None:
    assert gateway.delete(f"{EXPERIMENTS}/missing").code == "experiment_not_found"
