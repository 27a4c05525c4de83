"""PUT .../assignments/{unit_id}: a unit gets its variant, once and for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fairsplit.domain.hashing import bucket_of
from fairsplit.domain.timestamps import from_text, now
from tests.gateway import Gateway
from tests.integration.assignments.asking import Asking, Stored
from tests.integration.experiments.making import VARIANTS, create_in

pytestmark = pytest.mark.engine


def active(gateway: Gateway, **fields: Any) -> str:
    """The key of an active experiment."""
    return str(create_in(gateway, "active", **fields)["key"])


def test_a_new_unit_is_told_its_variant_and_why(gateway: Gateway, asking: Asking) -> None:
    key = active(gateway, variants=[VARIANTS[0] | {"weight": 0}, VARIANTS[1] | {"weight": 100, "value": {"a": 1.0}}])
    answer = asking.assign(key, "u-1")
    moment, bucket = answer.body.pop("assigned_at"), answer.body.pop("bucket")
    assert answer.status == 200
    assert answer.body == {
        "experiment": key,
        "unit_id": "u-1",
        "variant": "green",
        "value": {"a": 1.0},
        "reason": "assigned",
        "new": True,
    }
    assert abs(from_text(moment) - now()) < timedelta(minutes=1)
    assert 0 <= bucket < 10_000


def test_the_value_of_a_variant_without_one_is_its_key(gateway: Gateway, asking: Asking) -> None:
    answer = asking.assign(active(gateway), "u-1").body
    assert answer["value"] == answer["variant"]


def test_every_later_answer_is_the_same_but_for_new(gateway: Gateway, asking: Asking) -> None:
    key = active(gateway)
    first = asking.assign(key, "u-1").body
    for body in (None, {}, {"attributes": {"country": "DE"}}):
        assert asking.assign(key, "u-1", body).body == first | {"new": False}
        asking.start_anew()
        assert asking.assign(key, "u-1", body).body == first | {"new": False}


def test_what_is_stored_is_what_was_told(gateway: Gateway, asking: Asking, stored: Stored) -> None:
    key = active(gateway)
    answer = asking.assign(key, "u-1").body
    item = stored.item(key, "u-1")
    assert item
    told = [answer["variant"], answer["assigned_at"], str(answer["bucket"])]
    assert [item["variant"]["S"], item["assigned_at"]["S"], item["bucket"]["N"]] == told


def test_bucket_and_variant_are_those_of_the_public_hash(gateway: Gateway, asking: Asking) -> None:
    key = active(gateway, seed="public")
    for number in range(20):
        answer = asking.assign(key, f"u-{number}").body
        assert answer["bucket"] == bucket_of("public", f"u-{number}")
        assert answer["variant"] == ("control" if answer["bucket"] < 5_000 else "green")


def test_a_unit_has_an_assignment_of_its_own_in_each_experiment(gateway: Gateway, asking: Asking) -> None:
    one, other = active(gateway, seed="one"), active(gateway, seed="two")
    units = [f"u-{number}" for number in range(40)]
    assert asking.variants(one, units) != asking.variants(other, units)
    assert all(asking.assign(key, unit).body["new"] is False for key in (one, other) for unit in units[:3])


def test_an_override_is_answered_and_never_stored(gateway: Gateway, asking: Asking, stored: Stored) -> None:
    key = active(gateway, overrides={"qa": "green"}, coverage=0)
    answer = asking.assign(key, "qa").body
    assert (answer["variant"], answer["reason"], answer["new"]) == ("green", "override", False)
    assert (answer["assigned_at"], answer["bucket"]) == (None, None)
    assert stored.items(key) == []


def test_an_override_that_comes_later_hides_the_assignment_but_leaves_it(
    gateway: Gateway, asking: Asking, stored: Stored
) -> None:
    key = active(gateway, variants=[VARIANTS[0] | {"weight": 100}, VARIANTS[1] | {"weight": 0}])
    asking.assign(key, "u-1")
    for overrides, told in (({"u-1": "green"}, ("green", "override")), ({}, ("control", "assigned"))):
        gateway.patch(f"/v1/experiments/{key}", {"overrides": overrides})
        asking.start_anew()
        answer = asking.assign(key, "u-1").body
        assert (answer["variant"], answer["reason"]) == told
    assert stored.units(key) == {"u-1"}


def test_only_declared_dimensions_are_kept_of_the_attributes(gateway: Gateway, asking: Asking, stored: Stored) -> None:
    key = active(gateway, dimensions=["country", "device"])
    asking.assign(key, "u-1", {"attributes": {"country": "DE", "device": {"no": "text"}, "email": "swordfish"}})
    item = stored.item(key, "u-1")
    assert item
    assert item["dimensions"] == {"S": '{"country":"DE","device":null}'}
    assert "swordfish" not in str(item)


@pytest.mark.parametrize("key", ["unknown", "Upper", "x" * 65, "ü", "~"])
def test_an_unknown_experiment_is_not_found(asking: Asking, key: str) -> None:
    for answer in (asking.assign(key, "u-1"), asking.read(key, "u-1"), asking.import_items(key, [{"unit_id": "u"}])):
        assert (answer.status, answer.code) == (404, "experiment_not_found")
