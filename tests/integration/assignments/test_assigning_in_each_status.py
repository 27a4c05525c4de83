"""Who is assigned, and what is answered, as an experiment goes through its life."""

from __future__ import annotations

from typing import Any

import pytest

from fairsplit.domain.timestamps import now
from fairsplit.storage.experiment_cache import KNOWN_FOR
from tests.gateway import Gateway
from tests.integration.assignments.asking import Asking, Stored
from tests.integration.experiments.making import LIVES, VARIANTS, create, create_in, move

pytestmark = pytest.mark.engine
ALL_GREEN = [VARIANTS[0] | {"weight": 0}, VARIANTS[1] | {"weight": 100}]


def lived(gateway: Gateway, asking: Asking, status: str, **end: Any) -> str:
    """An experiment of that status; `old` is a unit that it has assigned to green, or imported as a draft."""
    key = str(create(gateway, variants=ALL_GREEN, overrides={"qa": "control"})["key"])
    if status == "draft":
        asking.import_items(key, [{"unit_id": "old"}])
    for to in LIVES[status]:
        assert move(gateway, key, to, **end if to == "completed" else {}).status == 200
        if to == "active":
            assert asking.assign(key, "old").body["new"]
            asking.start_anew()
    return key


def told(asking: Asking, key: str, unit: str) -> tuple[str | None, str, bool]:
    answer = asking.assign(key, unit).body
    return answer["variant"], answer["reason"], answer["new"]


@pytest.mark.parametrize("status", ["draft", "paused", "completed", "archived"])
def test_what_is_not_active_takes_no_new_units_and_stores_nothing(
    gateway: Gateway, asking: Asking, stored: Stored, status: str
) -> None:
    key = lived(gateway, asking, status)
    answer = asking.assign(key, "new")
    assert (answer.status, answer.body["variant"], answer.body["reason"]) == (200, None, "not_active")
    assert (answer.body["value"], answer.body["assigned_at"], answer.body["new"]) == (None, None, False)
    assert stored.units(key) == {"old"}


@pytest.mark.parametrize("status", list(LIVES))
def test_a_unit_that_is_in_keeps_its_variant_in_every_status(gateway: Gateway, asking: Asking, status: str) -> None:
    key = lived(gateway, asking, status)
    assert told(asking, key, "old") == ("green", "assigned", False)
    assert asking.assign(key, "old").body["assigned_at"]


@pytest.mark.parametrize("status", ["completed", "archived"])
def test_a_winner_is_answered_to_everybody_and_not_stored(
    gateway: Gateway, asking: Asking, stored: Stored, status: str
) -> None:
    key = lived(gateway, asking, status, winner="control")
    assert [told(asking, key, unit) for unit in ("old", "new")] == [("control", "assigned", False)] * 2
    assert stored.units(key) == {"old"}
    assert asking.read(key, "old").body["variant"] == "green"


@pytest.mark.parametrize("status", list(LIVES))
def test_an_override_goes_before_every_status(gateway: Gateway, asking: Asking, status: str) -> None:
    key = lived(gateway, asking, status, winner="green")
    assert told(asking, key, "qa") == ("control", "override", False)


def test_a_paused_experiment_that_goes_on_takes_new_units_again(gateway: Gateway, asking: Asking) -> None:
    key = lived(gateway, asking, "paused")
    assert told(asking, key, "new") == (None, "not_active", False)
    move(gateway, key, "active")
    asking.start_anew()
    assert told(asking, key, "new") == ("green", "assigned", True)


def test_a_warm_process_follows_a_change_of_status_within_seconds(
    gateway: Gateway, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = create_in(gateway, "active")["key"]
    asking.assign(key, "old")
    move(gateway, key, "paused")
    experiments = gateway.globals_of("assignments")["assigning"].experiments
    monkeypatch.setattr(experiments, "clock", lambda: now() + KNOWN_FOR)
    assert told(asking, key, "new") == (None, "not_active", False)
