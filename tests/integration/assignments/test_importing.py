"""POST .../assignments: many assignments that were made elsewhere, or are made ahead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fairsplit.domain.hashing import bucket_of
from fairsplit.domain.timestamps import now, to_text
from tests.gateway import Gateway
from tests.integration.assignments.asking import Asking, Stored
from tests.integration.experiments.making import EXPERIMENTS, create, create_in, fresh_key

pytestmark = pytest.mark.engine
AGO = to_text(now() - timedelta(days=30))


def items(number: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"unit_id": f"u-{index}"} | fields for index in range(number)]


def test_an_item_keeps_the_variant_and_time_it_names(gateway: Gateway, asking: Asking, stored: Stored) -> None:
    key = create_in(gateway, "active", seed="public")["key"]
    sent = [{"unit_id": f"u-{index}", "variant": "green", "assigned_at": AGO} for index in range(10)]
    assert asking.import_items(key, sent).body == {"created": 10, "existing": 0, "rejected": []}
    for item in stored.items(key):
        assert (item["variant"]["S"], item["assigned_at"]["S"]) == ("green", AGO)
        assert int(item["bucket"]["N"]) == bucket_of("public", item["unit_id"]["S"])


def test_without_a_variant_the_hash_decides_as_it_would_later(gateway: Gateway, asking: Asking) -> None:
    imported, asked = (create_in(gateway, "active", seed="same")["key"] for _ in range(2))
    units = [f"u-{index}" for index in range(40)]
    asking.import_items(imported, items(40))
    assert asking.variants(imported, units) == asking.variants(asked, units)
    assert not asking.assign(imported, "u-1").body["new"]


def test_an_imported_unit_is_told_its_stored_variant_and_time(gateway: Gateway, asking: Asking) -> None:
    key = create(gateway)["key"]
    other = {"control": "green", "green": "control"}[asking_for(gateway, asking, "u-0")]
    asking.import_items(key, items(1, variant=other, assigned_at=AGO))
    answer = asking.assign(key, "u-0").body
    assert (answer["variant"], answer["assigned_at"], answer["new"]) == (other, AGO, False)


def asking_for(gateway: Gateway, asking: Asking, unit: str) -> str:
    """The hash's variant in some experiment."""
    return str(asking.assign(create_in(gateway, "active")["key"], unit).body["variant"])


def test_a_second_import_finds_all_existing_and_changes_nothing(
    gateway: Gateway, asking: Asking, stored: Stored
) -> None:
    key = create_in(gateway, "paused")["key"]
    asking.import_items(key, items(60, variant="green"))
    before = stored.items(key)
    again = asking.import_items(key, items(60, variant="control", assigned_at=AGO)).body
    assert again == {"created": 0, "existing": 60, "rejected": []}
    assert stored.items(key) == before


def test_new_and_old_units_are_counted_apart(gateway: Gateway, asking: Asking) -> None:
    key = create_in(gateway, "active")["key"]
    asking.assign(key, "u-3")
    asking.import_items(key, items(2))
    assert asking.import_items(key, items(30)).body == {"created": 27, "existing": 3, "rejected": []}


def test_a_unit_that_stands_twice_is_stored_as_it_came_first(gateway: Gateway, asking: Asking) -> None:
    key = create_in(gateway, "active")["key"]
    sent = items(1, variant="green") + items(2, variant="control")
    assert asking.import_items(key, sent).body == {"created": 2, "existing": 1, "rejected": []}
    assert [asking.assign(key, unit).body["variant"] for unit in ("u-0", "u-1")] == ["green", "control"]


def test_an_imported_item_has_all_that_an_assigned_one_has(gateway: Gateway, asking: Asking, stored: Stored) -> None:
    key = create_in(gateway, "active", dimensions=["country"])["key"]
    attributes = {"country": "DE", "email": "swordfish"}
    asking.assign(key, "one", {"attributes": attributes})
    asking.import_items(key, [{"unit_id": "other", "attributes": attributes}])
    one, other = stored.item(key, "one"), stored.item(key, "other")
    assert one
    assert other
    assert one.keys() == other.keys()
    assert one["dimensions"] == other["dimensions"] == {"S": '{"country":"DE"}'}


def test_a_draft_that_starts_with_imported_units_keeps_them(gateway: Gateway, asking: Asking) -> None:
    key = create(gateway)["key"]
    assert asking.import_items(key, items(3, variant="green")).body["created"] == 3
    gateway.post(f"{EXPERIMENTS}/{key}/transitions", {"to": "active"})
    asking.start_anew()
    assert asking.variants(key, ["u-0", "u-1", "u-2"]) == dict.fromkeys(["u-0", "u-1", "u-2"], "green")


@pytest.mark.parametrize("begun_again", [False, True])
def test_nothing_stays_of_an_import_whose_draft_is_deleted_meanwhile(
    gateway: Gateway, asking: Asking, stored: Stored, monkeypatch: pytest.MonkeyPatch, begun_again: bool
) -> None:
    key = create(gateway, key=fresh_key())["key"]
    handler = gateway.globals_of("assignments")
    found = handler["experiment_of"](handler["experiments"], key)
    gateway.delete(f"{EXPERIMENTS}/{key}")
    if begun_again:
        create(gateway, key=key)
    monkeypatch.setitem(handler, "experiment_of", lambda *_: found)
    answer = asking.import_items(key, items(30))
    assert (answer.status, answer.code, stored.units(key)) == (404, "experiment_not_found", set())
