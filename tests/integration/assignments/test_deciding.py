"""POST /v1/decisions: a unit's variants in many experiments at once, by the very rules of PUT."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway import Answer, Gateway
from tests.integration.assignments.asking import ANALYST, CLIENT, Asking, Stored
from tests.integration.experiments.making import create_in, move

pytestmark = pytest.mark.engine


def decide(gateway: Gateway, unit_id: Any = "u-1", *, token: str = CLIENT, **fields: Any) -> Answer:
    return gateway.post("/v1/decisions", {"unit_id": unit_id} | fields, token=token)


def decisions(gateway: Gateway, unit_id: str, **fields: Any) -> dict[str, dict[str, Any]]:
    """The entries by experiment."""
    answer = decide(gateway, unit_id, **fields)
    assert answer.status == 200, answer
    return {entry["experiment"]: entry for entry in answer.body["decisions"]}


def keys_in(gateway: Gateway, *statuses: str, **fields: Any) -> list[str]:
    return [str(create_in(gateway, status, **fields)["key"]) for status in statuses]


def test_decisions_are_what_put_answers_and_are_stored_once(gateway: Gateway, asking: Asking, stored: Stored) -> None:
    keys = keys_in(gateway, *["active"] * 30)
    first = decisions(gateway, "u-1", experiments=keys)
    assert list(first) == keys
    assert all(entry["new"] and entry["reason"] == "assigned" for entry in first.values())
    asking.start_anew()
    for key in keys[:5]:
        assert asking.assign(key, "u-1").body == first[key] | {"new": False}
        assert len(stored.items(key)) == 1
    assert decisions(gateway, "u-1", experiments=keys) == {key: first[key] | {"new": False} for key in keys}


def test_each_entry_says_why(gateway: Gateway) -> None:
    active, draft, won = keys_in(gateway, "active", "draft", "active")
    overridden, uncovered, untargeted = (
        create_in(gateway, "active", **fields)["key"]
        for fields in ({"overrides": {"u-2": "green"}}, {"coverage": 0}, {"targeting": {"country": "FR"}})
    )
    move(gateway, won, "completed", winner="green")
    asked = [active, draft, won, overridden, uncovered, untargeted, "no-such-one", "No Key"]
    found = decisions(gateway, "u-2", experiments=asked, attributes={"country": "DE"})
    reasons = ["assigned", "not_active", "assigned", "override", "not_covered", "not_targeted"]
    assert [entry["reason"] for entry in found.values()] == [*reasons, *["experiment_not_found"] * 2]
    assert found["no-such-one"] == {
        "experiment": "no-such-one", "unit_id": "u-2", "variant": None, "value": None,
        "reason": "experiment_not_found", "assigned_at": None, "bucket": None, "new": False,
    }  # fmt: skip


def test_all_are_the_active_ones_and_those_paused_ones_that_the_unit_is_in(gateway: Gateway, asking: Asking) -> None:
    active, paused, over, _draft = keys_in(gateway, "active", "active", "completed", "draft")
    stays = asking.assign(paused, "inside").body
    move(gateway, paused, "paused")
    asking.start_anew()
    inside, outside = decisions(gateway, "inside"), decisions(gateway, "outside")
    assert inside[paused] == stays | {"new": False}
    assert active in inside.keys() & outside.keys()
    assert paused not in outside
    assert over not in inside


def test_one_that_starts_is_among_all_within_two_seconds_and_at_once_by_name(gateway: Gateway, asking: Asking) -> None:
    asking.start_anew()
    decisions(gateway, "u-3")
    (key,) = keys_in(gateway, "active")
    assert decisions(gateway, "u-3", experiments=[key])[key]["new"]
    cached = gateway.globals_of("assignments")["cached"]
    cached.listed = (cached.listed[0].replace(year=2020), cached.listed[1])
    assert decisions(gateway, "u-3")[key]["variant"]


@pytest.mark.parametrize("fields", [{"record": False}, {"explain": True}, {"record": False, "explain": True}])
def test_nothing_is_stored_without_record_or_to_explain(
    gateway: Gateway, stored: Stored, fields: dict[str, bool]
) -> None:
    (key,) = keys_in(gateway, "active")
    told = decisions(gateway, "u-4", experiments=[key], **fields)[key]
    assert (told["assigned_at"], told["new"], stored.items(key)) == (None, False, [])
    then = decisions(gateway, "u-4", experiments=[key])[key]
    assert (then["variant"], then["bucket"], then["new"]) == (told["variant"], told["bucket"], True)
    assert decisions(gateway, "u-4", experiments=[key], **fields)[key]["assigned_at"] == then["assigned_at"]


def test_a_units_attributes_become_its_dimensions(gateway: Gateway, stored: Stored) -> None:
    key = str(create_in(gateway, "active", dimensions=["country"])["key"])
    decisions(gateway, "u-5", experiments=[key], attributes={"country": "DE", "secret": "x"})
    item = stored.item(key, "u-5")
    assert item
    assert "DE" in str(item["dimensions"])
    assert "secret" not in str(item)


def test_an_experiment_named_twice_is_answered_once_and_none_is_none(gateway: Gateway) -> None:
    (key,) = keys_in(gateway, "active")
    assert len(decide(gateway, "u-6", experiments=[key, key]).body["decisions"]) == 1
    assert decide(gateway, "u-6", experiments=[]).body == {"decisions": []}


@pytest.mark.parametrize(
    ("fields", "loc", "code"),
    [
        ({"unit_id": ""}, ["unit_id"], "unit_id_invalid"),
        ({"unit_id": "a\n"}, ["unit_id"], "unit_id_invalid"),
        ({"unit_id": 5}, ["unit_id"], "invalid_type"),
        ({"unit_id": None}, ["unit_id"], "invalid_type"),
        ({"attributes": []}, ["attributes"], "invalid_type"),
        ({"attributes": {"a": "x" * 8_200}}, ["attributes"], "attributes_too_large"),
        ({"experiments": "a"}, ["experiments"], "invalid_type"),
        ({"experiments": [5]}, ["experiments", 0], "invalid_type"),
        ({"experiments": ["x" * 65]}, ["experiments", 0], "too_long"),
        ({"experiments": ["x"] * 201}, ["experiments"], "too_many"),
        ({"record": "no"}, ["record"], "invalid_type"),
        ({"explain": 1}, ["explain"], "invalid_type"),
        ({"units": 1}, ["units"], "unknown_field"),
    ],
)
def test_a_bad_field_is_named(gateway: Gateway, fields: dict[str, Any], loc: list[Any], code: str) -> None:
    answer = gateway.post("/v1/decisions", {"unit_id": "u"} | fields, token=CLIENT)
    assert (answer.status, answer.faults) == (422, [(loc, code)])


def test_true_or_false_is_asked_for_in_these_words(gateway: Gateway) -> None:
    assert decide(gateway, record="no").body["detail"] == "record: Send true or false."


def test_a_body_is_needed(gateway: Gateway) -> None:
    assert gateway.post("/v1/decisions", token=CLIENT).status == 400
    assert decide(gateway, token=ANALYST).status == 403


def test_values_that_no_answer_holds_are_an_error_that_says_what_to_do(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = keys_in(gateway, "active", "active")
    monkeypatch.setattr("fairsplit.http.app.LARGEST_ANSWER", 300)
    assert decide(gateway, "u-7", experiments=keys[:1]).status == 200
    answer = decide(gateway, "u-7", experiments=keys)
    assert (answer.status, answer.code) == (413, "answer_too_large")
    assert "fewer experiments" in answer.body["detail"]
