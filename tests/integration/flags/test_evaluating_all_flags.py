"""POST /ofrep/v1/evaluate/flags: all live experiments, and nothing is stored."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import Stored
from tests.integration.experiments.making import create_in, move
from tests.integration.flags.evaluating import UNIT, Flags

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def keys(gateway: Gateway) -> dict[str, str]:
    """The keys of experiments, by their status; `won` is completed with a winner."""
    keys = {status: create_in(gateway, status)["key"] for status in ("draft", "active", "paused", "completed")}
    won, old = create_in(gateway, "active")["key"], create_in(gateway, "archived")["key"]
    move(gateway, won, "completed", winner="green")
    return keys | {"won": won, "archived": old}


def test_each_live_experiment_is_a_flag_and_no_other_is(flags: Flags, keys: dict[str, str]) -> None:
    found = flags.by_key()
    live = {keys[name]: name for name in ("active", "paused", "completed", "won")}
    assert {live.get(key): one["reason"] for key, one in found.items()} == {
        "active": "SPLIT",
        "paused": "DISABLED",
        "completed": "DISABLED",
        "won": "STATIC",
    }


def test_each_has_what_one_flag_alone_would_have(flags: Flags, keys: dict[str, str], stored: Stored) -> None:
    for number in range(5):
        context = {"targetingKey": f"v-{number}"}
        found = flags.by_key(context)
        assert stored.units(keys["active"]) & {f"v-{number}"} == set()
        for key, one in found.items():
            assert flags.one(key, context).body == one


def test_nothing_is_stored(flags: Flags, keys: dict[str, str], stored: Stored) -> None:
    before = [stored.units(key) for key in keys.values()]
    flags.by_key({"targetingKey": "visitor"})
    assert [stored.units(key) for key in keys.values()] == before


def test_the_tag_is_of_the_answer_and_spares_the_body(flags: Flags, keys: dict[str, str]) -> None:
    first = flags.all()
    tag = first.headers["etag"]
    assert (first.status, tag[0], tag[-1]) == (200, '"', '"')
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = flags.all(headers={"if-none-match": known})
        assert (again.status, again.body, again.headers["etag"]) == (304, None, tag)
    assert flags.all(headers={"if-none-match": '"other"'}).body == first.body


def test_another_process_has_the_same_tag(flags: Flags, keys: dict[str, str]) -> None:
    tag = flags.all().headers["etag"]
    flags.start_anew()
    assert flags.all().headers["etag"] == tag


def test_other_attributes_that_matter_are_another_tag(gateway: Gateway, flags: Flags) -> None:
    create_in(gateway, "active", targeting={"country": "DE"})
    flags.start_anew()
    tag = flags.all(UNIT | {"country": "DE"}).headers["etag"]
    assert flags.all(UNIT | {"country": "FR"}, headers={"if-none-match": tag}).status == 200
    assert flags.all(UNIT | {"country": "DE", "other": 1}, headers={"if-none-match": tag}).status == 304


def test_a_change_of_the_unit_or_of_an_experiment_is_another_tag(gateway: Gateway, flags: Flags) -> None:
    key = create_in(gateway, "active")["key"]
    flags.start_anew()
    tags = [flags.all({"targetingKey": f"w-{number}"}).headers["etag"] for number in range(20)]
    assert len(set(tags)) > 1
    gateway.patch(f"/v1/experiments/{key}", {"overrides": {"w-0": "green", "w-1": "control"}})
    flags.start_anew()
    assert flags.all({"targetingKey": "w-0"}, headers={"if-none-match": tags[0]}).status == 200


def test_values_keep_their_types(gateway: Gateway, flags: Flags) -> None:
    values: list[Any] = [1.0, 1]
    variants = [
        {"key": f"v-{number}", "weight": 100 * number, "value": value} for number, value in enumerate(reversed(values))
    ]
    key = create_in(gateway, "active", variants=variants)["key"]
    assert json.dumps(flags.by_key()[key]["value"]) == "1.0"


def test_a_service_without_experiments_has_no_flags(gateway: Gateway, flags: Flags) -> None:
    flags.start_anew()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gateway.globals_of("flags")["experiments"], "live", list)
        assert flags.all().body == {"flags": []}
