"""Each rule of an experiment, sent broken: with POST, and with PATCH of a draft. Nothing is ever written."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, ORDERS, PURCHASED, RATIO, REVENUE, VARIANTS, body, create

pytestmark = pytest.mark.engine
BACKWARDS = {"start_at": "2026-03-02T00:00:00Z", "end_at": "2026-03-01T00:00:00Z"}
LONG_RUN = {"start_at": "2026-01-01T00:00:00Z", "end_at": "2027-01-03T00:00:00Z"}


def variants(*changed: dict[str, Any]) -> dict[str, Any]:
    """Two variants, changed."""
    return {"variants": [one | other for one, other in zip(VARIANTS, changed, strict=False)]}


def metrics(*added: dict[str, Any]) -> dict[str, Any]:
    """A primary metric and these."""
    return {"metrics": [PURCHASED, *added]}


def nested(depth: int) -> Any:
    """A condition of so many levels."""
    return {"$not": nested(depth - 1)} if depth > 1 else {}


# the broken fields, the code, and the loc
RULES: list[tuple[dict[str, Any], str, list[str | int]]] = [
    ({"name": ""}, "too_short", ["name"]),
    ({"name": "x" * 201}, "too_long", ["name"]),
    ({"name": 5}, "invalid_type", ["name"]),
    ({"description": "x" * 2_001}, "too_long", ["description"]),
    ({"hypothesis": ["x"]}, "invalid_type", ["hypothesis"]),
    ({"tags": "web"}, "invalid_type", ["tags"]),
    ({"tags": [""]}, "too_short", ["tags", 0]),
    ({"tags": ["x" * 65]}, "too_long", ["tags", 0]),
    ({"tags": ["x"] * 21}, "too_many", ["tags"]),
    ({"colour": "green"}, "unknown_field", ["colour"]),
    ({"epoch": 7}, "unknown_field", ["epoch"]),
    ({"variants": VARIANTS[:1]}, "too_few", ["variants"]),
    ({"variants": []}, "too_few", ["variants"]),
    ({"variants": [{"key": f"v{one}", "weight": 9} for one in range(11)]}, "too_many", ["variants"]),
    ({"variants": {"key": "a"}}, "invalid_type", ["variants"]),
    ({"variants": [VARIANTS[0], "green"]}, "invalid_type", ["variants", 1]),
    (variants({}, {"key": "control"}), "duplicate_variant", ["variants", 1, "key"]),
    (variants({}, {"key": "Green"}), "invalid_format", ["variants", 1, "key"]),
    (variants({}, {"key": "x" * 65}), "invalid_format", ["variants", 1, "key"]),
    (variants({}, {"weight": 49.9999}), "weights_must_sum_to_100", ["variants"]),
    (variants({}, {"weight": 51}), "weights_must_sum_to_100", ["variants"]),
    (variants({"weight": -1}, {"weight": 101}), "out_of_range", ["variants", 0, "weight"]),
    (variants({}, {"weight": "50"}), "invalid_type", ["variants", 1, "weight"]),
    (variants({}, {"weight": True}), "invalid_type", ["variants", 1, "weight"]),
    (variants({}, {"wait": 50}), "unknown_field", ["variants", 1, "wait"]),
    ({"variants": [VARIANTS[0], {"key": "green"}]}, "required", ["variants", 1, "weight"]),
    ({"control": "red"}, "unknown_variant", ["control"]),
    ({"control": ""}, "unknown_variant", ["control"]),
    ({"coverage": -0.1}, "out_of_range", ["coverage"]),
    ({"coverage": 100.1}, "out_of_range", ["coverage"]),
    ({"coverage": "all"}, "invalid_type", ["coverage"]),
    ({"targeting": []}, "invalid_type", ["targeting"]),
    ({"targeting": {"country": {"$within": ["DE"]}}}, "unknown_operator", ["targeting", "country", "$within"]),
    ({"targeting": {"country": {"$in": "DE"}}}, "invalid_type", ["targeting", "country", "$in"]),
    ({"targeting": {"country": {"$type": ["string"]}}}, "unknown_value", ["targeting", "country", "$type"]),
    ({"targeting": {"$or": [5]}}, "invalid_type", ["targeting", "$or", 0]),
    ({"targeting": {"id": {"$regex": "(a+)+$"}}}, "dangerous_pattern", ["targeting", "id", "$regex"]),
    ({"targeting": nested(11)}, "condition_too_deep", ["targeting"]),
    ({"targeting": {"id": {"$in": list(range(200))}}}, "condition_too_large", ["targeting"]),
    ({"namespace": {"key": "n", "from": 50, "to": 50}}, "namespace_range_empty", ["namespace", "to"]),
    ({"namespace": {"key": "n", "from": 0, "to": 101}}, "out_of_range", ["namespace", "to"]),
    ({"namespace": {"key": "N", "from": 0, "to": 1}}, "invalid_format", ["namespace", "key"]),
    ({"namespace": {"key": "n", "from": 0, "to": 1, "by": 1}}, "unknown_field", ["namespace", "by"]),
    ({"namespace": {"key": "n", "from": 0, "to": 1, "end": 1}}, "unknown_field", ["namespace", "end"]),
    ({"overrides": {"u": "red"}}, "unknown_variant", ["overrides", "u"]),
    ({"overrides": {"": "green"}}, "unit_id_invalid", ["overrides", ""]),
    ({"overrides": {"a\nb": "green"}}, "unit_id_invalid", ["overrides", "a\nb"]),
    ({"overrides": {"x" * 257: "green"}}, "unit_id_invalid", ["overrides", "x" * 256]),
    ({"overrides": {"u": None}}, "invalid_type", ["overrides", "u"]),
    ({"overrides": {f"u{one}": "green" for one in range(1_001)}}, "too_many", ["overrides"]),
    ({"metrics": [PURCHASED] * 21}, "too_many", ["metrics"]),
    (metrics(PURCHASED), "duplicate_metric", ["metrics", 1, "key"]),
    ({"metrics": [ORDERS]}, "primary_metric_required", ["metrics"]),
    (metrics(ORDERS | {"kind": "sum"}), "unknown_value", ["metrics", 1, "kind"]),
    (metrics(ORDERS | {"role": "main"}), "unknown_value", ["metrics", 1, "role"]),
    (metrics(ORDERS | {"direction": "up"}), "unknown_value", ["metrics", 1, "direction"]),
    (metrics(ORDERS | {"event_type": "$exposure"}), "invalid_format", ["metrics", 1, "event_type"]),
    (metrics(ORDERS | {"event_type": ""}), "too_short", ["metrics", 1, "event_type"]),
    (metrics(ORDERS | {"event_type": "x" * 129}), "too_long", ["metrics", 1, "event_type"]),
    (metrics(ORDERS | {"sum": 1}), "unknown_field", ["metrics", 1, "sum"]),
    (metrics({"key": "m", "kind": "conversion"}), "required", ["metrics", 1, "event_type"]),
    (metrics({"key": "m", "kind": "count"}), "required", ["metrics", 1, "event_type"]),
    (metrics({"key": "m", "kind": "mean"}), "required", ["metrics", 1, "event_type"]),
    (metrics({"key": "m", "event_type": "e"}), "required", ["metrics", 1, "kind"]),
    (metrics(ORDERS | {"value": "value"}), "not_for_this_kind", ["metrics", 1, "value"]),
    (metrics(ORDERS | {"cap": 10}), "not_for_this_kind", ["metrics", 1, "cap"]),
    (metrics(REVENUE | {"value": "price"}), "invalid_format", ["metrics", 1, "value"]),
    (metrics(REVENUE | {"cap": 0}), "out_of_range", ["metrics", 1, "cap"]),
    (metrics(REVENUE | {"window_hours": 0}), "out_of_range", ["metrics", 1, "window_hours"]),
    (metrics(REVENUE | {"numerator": "orders"}), "not_for_this_kind", ["metrics", 1, "numerator"]),
    (metrics(ORDERS, REVENUE, RATIO | {"numerator": "sales"}), "unknown_metric", ["metrics", 3, "numerator"]),
    (metrics(ORDERS, RATIO | {"numerator": "aov"}), "unknown_metric", ["metrics", 2, "numerator"]),
    (metrics(RATIO | {"denominator": None}), "required", ["metrics", 1, "denominator"]),
    (metrics(ORDERS, REVENUE, RATIO | {"event_type": "e"}), "not_for_this_kind", ["metrics", 3, "event_type"]),
    (metrics(ORDERS, REVENUE, RATIO | {"window_hours": 1}), "not_for_this_kind", ["metrics", 3, "window_hours"]),
    (metrics(ORDERS | {"role": "guardrail"}), "required", ["metrics", 1, "margin"]),
    (metrics(ORDERS | {"role": "guardrail", "margin": 0}), "out_of_range", ["metrics", 1, "margin"]),
    (metrics(ORDERS | {"role": "guardrail", "margin": 1}), "out_of_range", ["metrics", 1, "margin"]),
    (metrics(ORDERS | {"margin": 0.1}), "not_for_this_role", ["metrics", 1, "margin"]),
    ({"dimensions": [f"d{one}" for one in range(11)]}, "too_many", ["dimensions"]),
    ({"dimensions": ["country", "country"]}, "duplicate_dimension", ["dimensions", 1]),
    ({"dimensions": [""]}, "too_short", ["dimensions", 0]),
    ({"analysis": {"method": "guess"}}, "unknown_value", ["analysis", "method"]),
    ({"analysis": {"correction": "bonferroni"}}, "unknown_value", ["analysis", "correction"]),
    ({"analysis": {"alpha": 0}}, "out_of_range", ["analysis", "alpha"]),
    ({"analysis": {"alpha": 1}}, "out_of_range", ["analysis", "alpha"]),
    ({"analysis": {"power": 0}}, "out_of_range", ["analysis", "power"]),
    ({"analysis": {"power": 1}}, "out_of_range", ["analysis", "power"]),
    ({"analysis": {"mde": 0}}, "out_of_range", ["analysis", "mde"]),
    ({"analysis": {"cuped_days": -1}}, "out_of_range", ["analysis", "cuped_days"]),
    ({"analysis": {"cuped_days": 1.5}}, "invalid_type", ["analysis", "cuped_days"]),
    ({"analysis": {"look": 1}}, "unknown_field", ["analysis", "look"]),
    ({"analysis": []}, "invalid_type", ["analysis"]),
    ({"schedule": {"start_at": "tomorrow"}}, "invalid_format", ["schedule", "start_at"]),
    ({"schedule": {"start_at": "2026-03-01T12:00:00"}}, "invalid_format", ["schedule", "start_at"]),
    ({"schedule": {"end_at": 1772366400}}, "invalid_type", ["schedule", "end_at"]),
    ({"schedule": {"at": None}}, "unknown_field", ["schedule", "at"]),
    ({"schedule": BACKWARDS}, "schedule_order", ["schedule", "end_at"]),
    ({"schedule": LONG_RUN}, "run_too_long", ["schedule", "end_at"]),
    ({"seed": ""}, "too_short", ["seed"]),
    ({"seed": "x" * 65}, "too_long", ["seed"]),
    ({"hash_version": 1}, "unknown_value", ["hash_version"]),
    ({"status": "active"}, "read_only_field", ["status"]),
    ({"version": 7}, "read_only_field", ["version"]),
    ({"created_at": "2026-01-01T00:00:00.000Z"}, "read_only_field", ["created_at"]),
    ({"updated_at": "2026-01-01T00:00:00.000Z"}, "read_only_field", ["updated_at"]),
    ({"started_at": "2026-01-01T00:00:00.000Z"}, "read_only_field", ["started_at"]),
    ({"paused_at": "2026-01-01T00:00:00.000Z"}, "read_only_field", ["paused_at"]),
    ({"completed_at": "2026-01-01T00:00:00.000Z"}, "read_only_field", ["completed_at"]),
    ({"winner": "green"}, "read_only_field", ["winner"]),
]
ONLY_POST: list[tuple[dict[str, Any], str, list[str | int]]] = [
    ({"key": "Checkout"}, "invalid_format", ["key"]),
    ({"key": "x" * 65}, "invalid_format", ["key"]),
    ({"key": ""}, "invalid_format", ["key"]),
    ({"key": "a\n"}, "invalid_format", ["key"]),
    ({"key": None}, "invalid_type", ["key"]),
    ({"key": 5}, "invalid_type", ["key"]),
    ({"status": "draft"}, "read_only_field", ["status"]),
    ({"version": 1}, "read_only_field", ["version"]),
    ({"winner": None}, "read_only_field", ["winner"]),
]
ONLY_PATCH: list[tuple[dict[str, Any], str, list[str | int]]] = [
    ({"name": None}, "required", ["name"]),
    ({"variants": None}, "required", ["variants"]),
    ({"key": None}, "required", ["key"]),
    ({"status": None}, "read_only_field", ["status"]),
    ({"epoch": None}, "unknown_field", ["epoch"]),
    ({"colour": None}, "unknown_field", ["colour"]),
    ({"analysis": {"look": None}}, "unknown_field", ["analysis", "look"]),
    ({"namespace": {"from": 0}}, "required", ["namespace", "key"]),
]


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("broken", "code", "loc"), RULES + ONLY_POST)
def test_an_experiment_that_breaks_a_rule_is_not_created(
    gateway: Gateway, broken: dict[str, Any], code: str, loc: list[str | int]
) -> None:
    answer = gateway.post(EXPERIMENTS, body(**broken))
    assert (answer.status, answer.code) == (422, code)
    assert (loc, code) in answer.faults


@pytest.mark.usefixtures("draft", "unchanged")
@pytest.mark.parametrize(("broken", "code", "loc"), RULES + ONLY_PATCH)
def test_a_patch_that_breaks_a_rule_changes_nothing(
    gateway: Gateway, draft: str, broken: dict[str, Any], code: str, loc: list[str | int]
) -> None:
    answer = gateway.patch(f"{EXPERIMENTS}/{draft}", broken)
    assert (answer.status, answer.code) == (422, code)
    assert (loc, code) in answer.faults


@pytest.fixture(scope="module")
def draft(gateway: Gateway) -> str:
    return str(create(gateway)["key"])


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("name", ["key", "name", "variants"])
def test_what_is_required_has_to_be_there(gateway: Gateway, name: str) -> None:
    sent = body()
    del sent[name]
    answer = gateway.post(EXPERIMENTS, sent)
    assert (answer.status, answer.code, answer.faults) == (422, "required", [([name], "required")])


def test_the_most_that_may_be_is_taken(gateway: Gateway) -> None:
    variants = [{"key": f"v{number}", "weight": 10} for number in range(10)]
    metrics = [PURCHASED | {"key": f"m{number}"} for number in range(20)]
    overrides = {"🙂" * 255 + chr(number): "v9" for number in range(0x4E00, 0x4E10)}
    made = create(gateway, key="x" * 64, name="x" * 200, variants=variants, metrics=metrics, overrides=overrides)
    assert (len(made["variants"]), len(made["metrics"]), made["overrides"]) == (10, 20, overrides)


def test_all_broken_rules_are_named_at_once(gateway: Gateway) -> None:
    answer = gateway.post(EXPERIMENTS, body(name="", coverage=101, colour="green"))
    assert {loc[0] for loc, _ in answer.faults} == {"name", "coverage", "colour"}


def test_a_hundred_errors_are_enough(gateway: Gateway) -> None:
    answer = gateway.post(EXPERIMENTS, body(**{f"field{one}": 1 for one in range(5_000)}))
    assert (answer.status, len(answer.faults)) == (422, 100)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("size", [190_001, 990_000])
def test_an_experiment_that_is_too_large_is_not_stored(gateway: Gateway, size: int) -> None:
    answer = gateway.post(EXPERIMENTS, body(variants=[VARIANTS[0] | {"value": "x" * size}, VARIANTS[1]]))
    assert (answer.status, answer.code) == (413, "experiment_too_large")
