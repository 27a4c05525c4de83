"""docs/api.md names every field of every answer, and its examples are taken as they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.docs.markdown import API
from tests.docs.shown import parse
from tests.gateway import Answer, Gateway
from tests.integration.experiments.making import EXPERIMENTS, ORDERS, PURCHASED, RATIO, REVENUE, create_in
from tests.pipeline import Pipeline

pytestmark = pytest.mark.engine

OWN_NAMES = {"observed", "expected", "filters", "overrides", "targeting", "schema"}  # what stands in them is the user's
NAMED = set(re.findall(r"`\w+`|\"\w+\"", API.text))
EXAMPLES = [parse(block) for block in API.blocks("json")]


def example(*names: str) -> Any:
    """The example of the page that has these fields, the first one."""
    return next(one for one in EXAMPLES if set(names) <= one.keys())


def fields(value: Any) -> Iterator[str]:
    """All names in a JSON value but those that users give."""
    if isinstance(value, list):
        for item in value:
            yield from fields(item)
    elif isinstance(value, dict):
        for name, inside in value.items():
            yield name
            if name == "metrics" and isinstance(inside, dict):
                yield from fields(list(inside.values()))
            elif name not in OWN_NAMES:
                yield from fields(inside)


def undocumented(answer: Answer) -> list[str]:
    assert answer.status in {200, 201, 202}, answer
    return sorted({name for name in fields(answer.body) if not {f"`{name}`", f'"{name}"'} & NAMED})


@pytest.fixture(scope="module")
def key(gateway: Gateway, pipeline: Pipeline) -> str:
    """A running experiment with a unit, an event, every kind of metric and a recount."""
    made: str = create_in(gateway, "active", metrics=[PURCHASED, ORDERS, REVENUE, RATIO], dimensions=["country"])["key"]
    gateway.put(f"{EXPERIMENTS}/{made}/assignments/ada")
    gateway.post("/v1/events", {"unit_id": "ada", "type": "purchase", "value": 3})
    pipeline.drain()
    gateway.post(f"{EXPERIMENTS}/{made}/recount")
    return made


@pytest.mark.parametrize(
    "path",
    [
        *("", "/history", "/assignments", "/assignments/ada", "/results", "/results?group_by=day"),
        *(
            "/results?method=bayesian",
            "/results?method=sequential",
            "/results?cuped=true",
            "/results?dimension=country",
        ),
    ],
)
def test_every_field_that_is_read_of_an_experiment_is_named(gateway: Gateway, key: str, path: str) -> None:
    path, _, query = path.partition("?")
    answer = gateway.get(f"{EXPERIMENTS}/{key}{path}", query=dict([query.split("=")]) if query else None)
    assert undocumented(answer) == []


@pytest.mark.parametrize("path", [EXPERIMENTS, "/v1/units/ada/assignments", "/v1/tokens", "/v1/event-types"])
def test_every_field_of_a_list_is_named(gateway: Gateway, key: str, path: str) -> None:
    gateway.put("/v1/event-types/purchase", {"schema": True})
    answer = gateway.get(path)
    assert answer.body["items"]
    assert undocumented(answer) == []


def test_the_example_of_an_experiment_is_taken_and_has_every_field(gateway: Gateway) -> None:
    assert undocumented(gateway.post(EXPERIMENTS, example("key", "variants"))) == []


def test_the_example_of_a_condition_is_taken(gateway: Gateway) -> None:
    condition = example("$or")
    assert create_in(gateway, "draft", targeting=condition)["targeting"] == condition


def test_the_example_of_a_problem_is_what_is_answered(gateway: Gateway) -> None:
    shown = example("request_id")
    variants = [{"key": "a", "weight": 50}, {"key": "b", "weight": 40}]
    answer = gateway.post(EXPERIMENTS, {"key": "k", "name": "n", "variants": variants}).body
    assert answer | {"request_id": ""} == shown | {"request_id": ""}


def test_the_example_of_an_import_is_taken(gateway: Gateway) -> None:
    key = create_in(gateway, "draft")["key"]
    items = json.loads(json.dumps(example("items")).replace("2026-03-01T12:00:00Z", recent(gateway)))
    answer = gateway.post(f"{EXPERIMENTS}/{key}/assignments", items)
    assert (answer.body["created"], answer.body["rejected"]) == (2, [])
    assert undocumented(answer) == []


def test_the_example_of_an_event_is_taken(gateway: Gateway) -> None:
    answer = gateway.post("/v1/events", example("event_id") | {"timestamp": recent(gateway)})
    assert answer.body == {"accepted": 1, "rejected": []}


def test_the_examples_of_a_token_and_an_event_type_are_taken(gateway: Gateway) -> None:
    token = gateway.post("/v1/tokens", example("role"))
    event_type = gateway.put("/v1/event-types/sale", example("schema", "mode"))
    assert [undocumented(token), undocumented(event_type)] == [[], []]


def test_the_example_of_a_context_is_evaluated_as_shown(gateway: Gateway) -> None:
    shown = example("reason", "metadata")
    variants = [{"key": "blue", "weight": 0}, {"key": shown["variant"], "weight": 100, "value": shown["value"]}]
    key = create_in(gateway, "active", variants=variants)["key"]
    gateway.handlers.pop("flags", None)  # which may know the live experiments of two seconds ago
    answer = gateway.post(f"/ofrep/v1/evaluate/flags/{key}", example("context"))
    assert (answer.body, undocumented(answer)) == (shown | {"key": key}, [])
    assert answer.body in gateway.post("/ofrep/v1/evaluate/flags", example("context")).body["flags"]


def test_the_example_of_an_error_of_openfeature_is_what_is_answered(gateway: Gateway) -> None:
    shown = example("errorCode")
    assert gateway.post(f"/ofrep/v1/evaluate/flags/{shown['key']}", {"context": 5}).body == shown


def test_the_example_of_a_token_for_sdks_opens_features_whose_fields_are_named(gateway: Gateway) -> None:
    key = create_in(gateway, "active", targeting={"a": 1}, namespace={"key": "n", "from": 0, "to": 9})["key"]
    token = gateway.post("/v1/tokens", example("kind", "role")).body["token"]
    gateway.handlers.pop("flags", None)
    answer = gateway.get(f"/api/features/{token}", token=None)
    feature = answer.body["features"][key]
    named = {f"`{name}`" for rule in feature["rules"] for name in [*rule, *rule["filters"][0], *rule["meta"][0]]}
    assert named | {"`defaultValue`", "`rules`"} <= set(re.findall(r"`\w+`", API.section("GrowthBook SDKs")))


def test_the_example_of_a_plan_is_answered_as_shown(gateway: Gateway) -> None:
    assert gateway.post("/v1/power", example("mde")).body == example("units_per_variant")


def test_the_example_of_sums_is_analysed(gateway: Gateway) -> None:
    assert undocumented(gateway.post("/v1/analysis", example("control", "metric", "analysis"))) == []


def test_the_example_of_looks_is_a_further_look_at_the_example_of_sums(gateway: Gateway) -> None:
    answer = gateway.post("/v1/analysis", example("control", "metric", "analysis") | {"analysis": example("looks")})
    (one,) = answer.body["comparisons"]
    assert one["method"] == "group_sequential"


def test_every_field_of_a_guardrail_and_an_exact_test_is_named(gateway: Gateway) -> None:
    metric = {"key": "errors", "kind": "conversion", "role": "guardrail", "direction": "decrease", "margin": 0.1}
    variants = [{"key": key, "weight": 1, "units": 1_000, "sum": errors} for key, errors in (("a", 4), ("b", 3))]
    answer = gateway.post("/v1/analysis", {"control": "a", "metric": metric, "variants": variants})
    (one,) = answer.body["comparisons"]
    assert (one["exact"]["method"], one["guardrail"]["status"]) == ("fisher_mid_p", "undecided")
    assert undocumented(answer) == []


def recent(gateway: Gateway) -> str:
    """A moment that is not too old, as the service writes it."""
    created_at: str = create_in(gateway, "draft")["created_at"]
    return created_at
