"""POST and GET of experiments."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway import Gateway
from tests.integration.experiments.making import (
    EXPERIMENTS,
    ORDERS,
    PURCHASED,
    RATIO,
    REVENUE,
    VARIANTS,
    Catalog,
    body,
    create,
    fresh_key,
)

pytestmark = pytest.mark.engine
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=10,
)
FULL: dict[str, Any] = {
    "name": "Green checkout button",
    "description": "What it does",
    "hypothesis": "Green sells",
    "tags": ["web"],
    "variants": [
        {"key": "control", "weight": 33.3, "value": {"color": "blue"}},
        {"key": "green", "weight": 33.3, "value": None},
        {"key": "red", "weight": 33.4, "value": 1.0},
    ],
    "control": "green",
    "coverage": 99.5,
    "targeting": {"country": {"$in": ["DE", "FR"]}},
    "namespace": {"key": "checkout", "from": 0, "to": 50},
    "overrides": {"qa user ü": "green"},
    "metrics": [
        PURCHASED | {"direction": "increase"},
        REVENUE | {"value": "properties.net", "role": "secondary", "direction": "increase", "cap": 1000},
        ORDERS | {"role": "secondary", "direction": "increase", "window_hours": 168},
        RATIO | {"role": "secondary", "direction": "increase"},
        {"key": "errors", "event_type": "error", "kind": "count", "role": "guardrail", "direction": "decrease"}
        | {"margin": 0.02},
    ],
    "dimensions": ["country", "device"],
    "analysis": {
        "method": "bayesian",
        "alpha": 0.1,
        "correction": "bh",
        "power": 0.9,
        "mde": 0.02,
        "cuped_days": 0,
    },
    "schedule": {"start_at": "2026-03-01T12:00:00.000Z", "end_at": "2026-04-01T12:00:00.000Z"},
    "seed": "my seed",
    "hash_version": 2,
}


def test_settings_of_one_method_are_shown_where_they_are_not_the_default(gateway: Gateway) -> None:
    own = {"cuped": True, "planned_units": 9_000, "expected_units": 5_000, "prior": {"sd": 0.1}}
    shown = create(gateway, analysis=own)["analysis"]
    assert shown["prior"] == {"mean": 0, "sd": 0.1, "proper": True}
    assert (shown["cuped"], shown["planned_units"], "expected_units" in shown) == (True, 9_000, False)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("cuped", "yes", "invalid_type"),
        ("expected_units", 1, "out_of_range"),
        ("planned_units", 0, "out_of_range"),
        ("planned_units", 10.5, "invalid_type"),
    ],
)
def test_settings_of_one_method_are_checked(gateway: Gateway, name: str, value: object, code: str) -> None:
    answer = gateway.post(EXPERIMENTS, body(analysis={name: value}))
    assert (answer.status, answer.faults) == (422, [(["analysis", name], code)])


def test_a_new_experiment_is_a_draft_with_location_and_etag(gateway: Gateway) -> None:
    sent = body()
    answer = gateway.post(EXPERIMENTS, sent)
    assert answer.status == 201
    assert answer.headers["location"] == f"{EXPERIMENTS}/{sent['key']}"
    assert answer.headers["etag"] == '"1"'
    assert (answer.body["status"], answer.body["version"]) == ("draft", 1)


def test_what_is_left_out_has_its_default(gateway: Gateway) -> None:
    created = create(gateway)
    assert created["created_at"] == created["updated_at"]
    assert len(created["seed"]) == 16
    assert {
        name: value for name, value in created.items() if name not in {"key", "created_at", "updated_at", "seed"}
    } == {
        "name": "Green checkout button",
        "description": "",
        "hypothesis": "",
        "tags": [],
        "status": "draft",
        "version": 1,
        "variants": [one | {"value": one["key"]} for one in VARIANTS],
        "control": "control",
        "coverage": 100,
        "targeting": {},
        "namespace": None,
        "overrides": {},
        "metrics": [],
        "dimensions": [],
        "analysis": {
            "method": "frequentist",
            "alpha": 0.05,
            "correction": "holm",
            "power": 0.8,
            "mde": 0.05,
            "cuped_days": 14,
        },
        "schedule": {"start_at": None, "end_at": None},
        "hash_version": 2,
        "started_at": None,
        "paused_at": None,
        "completed_at": None,
        "winner": None,
    }


def test_all_that_is_sent_is_answered_and_read_back_as_it_was(gateway: Gateway) -> None:
    created = create(gateway, **FULL)
    assert {name: created[name] for name in FULL} == FULL
    read = gateway.get(f"{EXPERIMENTS}/{created['key']}", token="local-analyst")
    assert (read.status, read.headers["etag"], read.body) == (200, '"1"', created)


def test_a_mean_takes_the_value_of_its_events_unless_it_names_a_property(gateway: Gateway) -> None:
    assert create(gateway, metrics=[REVENUE | {"role": "primary"}])["metrics"][0]["value"] == "value"


def test_two_experiments_have_two_seeds(gateway: Gateway) -> None:
    assert create(gateway)["seed"] != create(gateway)["seed"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON)
def test_a_value_is_any_json_and_keeps_how_it_was_written(gateway: Gateway, value: Any) -> None:
    created = create(gateway, variants=[VARIANTS[0] | {"value": value}, VARIANTS[1]])
    read = gateway.get(f"{EXPERIMENTS}/{created['key']}").body
    for experiment in (created, read):
        assert json.dumps(experiment["variants"][0]["value"]) == json.dumps(value)


@pytest.mark.parametrize("weights", [[33.3, 33.3, 33.4], [0.1, 0.2, 99.7], [0, 100], [14.29] * 6 + [14.26]])
def test_weights_sum_in_decimal(gateway: Gateway, weights: list[float]) -> None:
    create(gateway, variants=[{"key": f"v{index}", "weight": weight} for index, weight in enumerate(weights)])


def test_a_taken_key_is_a_conflict_and_changes_nothing(gateway: Gateway, catalog: Catalog) -> None:
    key = create(gateway)["key"]
    before = catalog.dump()
    answer = gateway.post(EXPERIMENTS, body(key=key, name="Another"))
    assert (answer.status, answer.code) == (409, "key_taken")
    assert catalog.dump() == before


@pytest.mark.parametrize("key", ["missing", "UPPER", "a b", "x" * 65, "x" * 3_000, "ü", "-a"])
def test_an_unknown_key_is_not_found(gateway: Gateway, key: str) -> None:
    answer = gateway.get(f"{EXPERIMENTS}/{key}")
    assert (answer.status, answer.code) == (404, "experiment_not_found")


@pytest.mark.parametrize("key", ["a", "0", "a" * 64, "a_b-c"])
def test_keys_that_may_be(gateway: Gateway, key: str) -> None:
    assert create(gateway, key=key)["key"] == key


def test_the_epoch_is_never_shown(gateway: Gateway) -> None:
    assert "epoch" not in create(gateway, key=fresh_key())


def test_a_key_of_a_deleted_draft_can_be_taken_again(gateway: Gateway) -> None:
    key = create(gateway)["key"]
    assert gateway.delete(f"{EXPERIMENTS}/{key}").status == 204
    assert create(gateway, key=key)["version"] == 1
