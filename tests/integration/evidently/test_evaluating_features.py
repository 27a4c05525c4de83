"""EvaluateFeature: an assignment, in Evidently's words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import Stored
from tests.integration.evidently.asking import Evidently
from tests.integration.experiments.making import create_in, move

pytestmark = pytest.mark.engine
ARN = "arn:aws:evidently:us-east-1:123456789012:project/shop"


def variants(value: Any, weight: int = 100) -> list[dict[str, Any]]:
    return [{"key": "off", "weight": 100 - weight}, {"key": "on", "weight": weight, "value": value}]


def test_a_new_unit_is_stored_and_told_its_variation(gateway: Gateway, evidently: Evidently, stored: Stored) -> None:
    made = create_in(gateway, "active", variants=variants(True), name="Buttons of 2026")
    answer = evidently.evaluate(made["key"])
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.body == {
        "value": {"boolValue": True},
        "variation": "on",
        "reason": "EXPERIMENT_RULE_MATCH",
        "details": json.dumps({"experiment": "Buttons of 2026", "treatment": "on"}),
    }
    assert stored.units(made["key"]) == {"ada"}


def test_it_is_the_assignment_that_everybody_sees(gateway: Gateway, evidently: Evidently) -> None:
    key = create_in(gateway, "active")["key"]
    for number in range(10):
        variation = evidently.evaluate(key, f"u-{number}").body["variation"]
        assigned = gateway.put(f"/v1/experiments/{key}/assignments/u-{number}").body
        assert (assigned["variant"], assigned["new"]) == (variation, False)


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        (True, {"boolValue": True}),
        (7, {"longValue": 7}),
        (7.0, {"doubleValue": 7.0}),
        (2**53, {"doubleValue": float(2**53)}),
        ("grün", {"stringValue": "grün"}),
        ({"a": [1, "ü"]}, {"stringValue": '{"a": [1, "ü"]}'}),
    ],
    ids=["bool", "long", "double", "too long", "string", "object"],
)
def test_a_value_stands_under_the_name_of_its_type(
    gateway: Gateway, evidently: Evidently, value: Any, typed: dict[str, Any]
) -> None:
    key = create_in(gateway, "active", variants=variants(value))["key"]
    given = evidently.evaluate(key).body["value"]
    assert given == typed
    assert [type(one) for one in given.values()] == [type(one) for one in typed.values()]


def test_a_value_that_is_null_is_left_out(gateway: Gateway, evidently: Evidently) -> None:
    key = create_in(gateway, "active", variants=variants(None))["key"]
    assert "value" not in evidently.evaluate(key).body


@pytest.mark.parametrize(
    ("status", "fields", "reason", "variation"),
    [
        ("draft", {}, "DEFAULT", "off"),
        ("paused", {}, "DEFAULT", "off"),
        ("active", {"coverage": 0}, "DEFAULT", "off"),
        ("active", {"targeting": {"country": "DE"}}, "DEFAULT", "off"),
        ("active", {"overrides": {"ada": "off"}}, "ENTITY_OVERRIDES_MATCH", "off"),
        ("draft", {"overrides": {"ada": "on"}}, "ENTITY_OVERRIDES_MATCH", "on"),
    ],
)
def test_who_is_in_no_experiment_gets_the_control_or_an_override(
    gateway: Gateway,
    evidently: Evidently,
    stored: Stored,
    status: str,
    fields: dict[str, Any],
    reason: str,
    variation: str,
) -> None:
    key = create_in(gateway, status, variants=variants(1), control="off", **fields)["key"]
    answer = evidently.evaluate(key).body
    assert (answer["reason"], answer["variation"], answer["details"]) == (reason, variation, "{}")
    assert stored.units(key) == set()


def test_a_winner_is_a_launch_to_everybody(gateway: Gateway, evidently: Evidently) -> None:
    key = create_in(gateway, "active", variants=variants(1))["key"]
    assert move(gateway, key, "completed", winner="off").status == 200
    evidently.start_anew()
    answer = evidently.evaluate(key, "somebody").body
    assert (answer["reason"], answer["variation"]) == ("LAUNCH_RULE_MATCH", "off")
    assert json.loads(answer["details"])["group"] == "off"


@pytest.mark.parametrize("context", ['{"country": "DE", "more": [1]}', {"country": "DE"}], ids=["text", "object"])
def test_the_context_are_the_attributes(gateway: Gateway, evidently: Evidently, context: Any) -> None:
    key = create_in(gateway, "active", targeting={"country": "DE"})["key"]
    assert evidently.evaluate(key, context='{"country": "FR"}').body["reason"] == "DEFAULT"
    assert evidently.evaluate(key, context=context).body["reason"] == "EXPERIMENT_RULE_MATCH"


@pytest.mark.parametrize("project", ["shop", ARN, ARN.replace("/", "%2F"), ARN.replace("/", "%252F")])
def test_a_project_may_be_named_or_an_arn(gateway: Gateway, evidently: Evidently, project: str) -> None:
    key = create_in(gateway, "active", variants=variants(1))["key"]
    assert evidently.evaluate(key, project=project).body["variation"] == "on"


def test_a_name_is_folded_to_its_key(gateway: Gateway, evidently: Evidently) -> None:
    create_in(gateway, "active", key="new-checkout_flow", variants=variants(1))
    assert evidently.evaluate("New.Checkout_Flow").body["variation"] == "on"
