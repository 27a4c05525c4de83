"""`fallback_unit_id`: who logs in keeps the variant that the anonymous id had, and counts once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.counting import counted
from tests.gateway import Answer, Gateway
from tests.integration.assignments.asking import Asking, Stored
from tests.integration.experiments.making import create_in, move

pytestmark = pytest.mark.engine
ONLY_GREEN = [{"key": "control", "weight": 0}, {"key": "green", "weight": 100}]


def log_in(asking: Asking, key: str, unit_id: str = "user", fallback: Any = "anonymous", **body: Any) -> Answer:
    return asking.assign(key, unit_id, {"fallback_unit_id": fallback} | body)


@pytest.fixture
def key(gateway: Gateway, asking: Asking) -> str:
    """An experiment that `anonymous` was imported into, with the variant that the hash gives to nobody."""
    made = str(create_in(gateway, "active", variants=ONLY_GREEN, dimensions=["country", "device"])["key"])
    item = {"unit_id": "anonymous", "variant": "control", "attributes": {"country": "DE", "device": "phone"}}
    assert asking.import_items(made, [item]).body["created"] == 1
    return made


def test_variant_and_time_go_on_under_the_new_id(asking: Asking, stored: Stored, key: str) -> None:
    before = asking.read(key, "anonymous").body
    answer = log_in(asking, key, attributes={"country": "FR"}).body
    assert (answer["variant"], answer["reason"], answer["new"], answer["from"]) == (
        "control",
        "assigned",
        True,
        "anonymous",
    )
    assert answer["assigned_at"] == before["assigned_at"]
    assert answer["bucket"] == asking.read(key, "user").body["bucket"] != before["bucket"]
    item, old = stored.item(key, "user"), stored.item(key, "anonymous")
    assert item
    assert old
    assert old["merged"] == {"BOOL": True}
    assert int(old["version"]["N"]) == 2
    assert "anonymous" not in str(item)
    assert "FR" in str(item["dimensions"])
    assert "phone" in str(item["dimensions"])


def test_a_lost_answer_is_given_again(asking: Asking, key: str) -> None:
    first = log_in(asking, key).body
    assert log_in(asking, key).body == first | {"new": False}
    asking.start_anew()
    assert log_in(asking, key).body == first | {"new": False}
    assert "from" not in log_in(asking, key, fallback="somebody-else").body
    assert "from" not in asking.assign(key, "user").body


def test_where_both_have_one_nothing_changes(asking: Asking, stored: Stored, key: str) -> None:
    own = asking.assign(key, "user").body
    before = stored.items(key)
    answer = log_in(asking, key).body
    assert (answer["variant"], own["variant"]) == ("green", "green")
    assert "from" not in answer
    assert stored.items(key) == before


def test_a_fallback_without_an_assignment_changes_nothing(asking: Asking, stored: Stored, key: str) -> None:
    answer = log_in(asking, key, fallback="nobody").body
    assert (answer["variant"], answer["new"], "from" in answer) == ("green", True, False)
    assert stored.units(key) == {"anonymous", "user"}
    assert log_in(asking, key, "other", fallback="other").body["variant"] == "green"


def test_the_old_id_keeps_its_variant_and_others_can_go_on_from_it_too(
    asking: Asking, stored: Stored, key: str
) -> None:
    log_in(asking, key)
    second = log_in(asking, key, "second-user").body
    assert (second["variant"], second["from"]) == ("control", "anonymous")
    assert asking.assign(key, "anonymous").body["variant"] == "control"
    old = stored.item(key, "anonymous")
    assert old
    assert old["version"] == {"N": "2"}


def test_who_is_in_goes_on_while_paused_whatever_targeting_says_but_not_when_over(
    gateway: Gateway, asking: Asking
) -> None:
    key = str(create_in(gateway, "active", targeting={"country": "DE"})["key"])
    for unit in ("one", "two"):
        asking.assign(key, unit, {"attributes": {"country": "DE"}})
    move(gateway, key, "paused")
    asking.start_anew()
    assert log_in(asking, key, "user-1", "one", attributes={"country": "FR"}).body["from"] == "one"
    assert log_in(asking, key, "user-2", "nobody").body["reason"] == "not_active"
    move(gateway, key, "completed")
    asking.start_anew()
    assert log_in(asking, key, "user-2", "two").body["reason"] == "not_active"


def test_an_override_comes_first(gateway: Gateway, asking: Asking, stored: Stored) -> None:
    key = str(create_in(gateway, "active", overrides={"qa": "green"})["key"])
    asking.assign(key, "anonymous")
    assert log_in(asking, key, "qa").body["reason"] == "override"
    assert stored.units(key) == {"anonymous"}


@pytest.mark.parametrize("fallback", ["", "a\x00b", "x" * 257, 5, ["a"], {}])
def test_a_fallback_that_is_no_unit_id_is_named(asking: Asking, key: str, fallback: Any) -> None:
    answer = log_in(asking, key, fallback=fallback)
    assert (answer.status, answer.faults) == (422, [(["fallback_unit_id"], "fallback_unit_id_invalid")])


def test_of_many_who_log_in_at_once_one_stores_and_all_are_told_the_same(
    gateway: Gateway, asking: Asking, stored: Stored, key: str
) -> None:
    module = gateway.globals_of("assignments")

    def ask(_: int) -> tuple[str | None, bool, str | None]:
        known = type(module["assigning"].known)()
        answer = type(module["assigning"])(
            module["assignments"], module["cached"], known, module["now"], module["nonce"]
        ).assign(key, "user", {}, "anonymous")
        return answer.variant, answer.new, answer.continues

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(ask, range(48)))
    assert {(variant, origin) for variant, _, origin in told} == {("control", "anonymous")}
    assert sum(new for _, new, _ in told) == 1
    old = stored.item(key, "anonymous")
    assert old
    assert old["version"] == {"N": "2"}


def test_it_costs_two_reads_and_one_transaction_once(asking: Asking, key: str) -> None:
    asking.assign(key, "warm")
    with counted(asking.client) as counts:
        log_in(asking, key)
        log_in(asking, key)
    assert counts.calls == {"GetItem": 2, "TransactWriteItems": 1}


def test_an_erased_fallback_is_nobody(gateway: Gateway, asking: Asking, key: str) -> None:
    gateway.delete("/v1/units/anonymous")
    assert "from" not in log_in(asking, key).body
