"""PATCH: a JSON merge patch with If-Match, and what may still be changed once an experiment has started."""

from __future__ import annotations

from typing import Any

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import (
    EXPERIMENTS,
    ORDERS,
    PURCHASED,
    REVENUE,
    VARIANTS,
    Catalog,
    create,
    create_in,
)

pytestmark = pytest.mark.engine
STARTED = ["active", "paused", "completed", "archived"]
SCHEDULE = {"start_at": "2026-03-01T12:00:00.000Z", "end_at": "2026-04-01T12:00:00.000Z"}
FROZEN: list[tuple[dict[str, Any], list[str]]] = [
    ({"variants": [VARIANTS[0], VARIANTS[1] | {"value": "lime"}]}, ["variants"]),
    ({"control": "green"}, ["control"]),
    ({"targeting": {"country": "DE"}}, ["targeting"]),
    ({"namespace": {"key": "n", "from": 0, "to": 50}}, ["namespace"]),
    ({"dimensions": ["country"]}, ["dimensions"]),
    ({"analysis": {"alpha": 0.1}}, ["analysis"]),
    ({"schedule": {"start_at": "2026-03-02T12:00:00.000Z"}}, ["schedule", "start_at"]),
    ({"key": "another"}, ["key"]),
    ({"seed": "another"}, ["seed"]),
]
OPEN: list[dict[str, Any]] = [
    {"name": "Another"},
    {"description": "Another"},
    {"hypothesis": "Another"},
    {"tags": ["app"]},
    {"coverage": 60},
    {"overrides": {"qa": "green"}},
    {"schedule": {"end_at": "2026-05-01T12:00:00.000Z"}},
    {"metrics": [PURCHASED, REVENUE]},
]


def patch(gateway: Gateway, key: str, change: Any, **how: Any) -> Any:
    return gateway.patch(f"{EXPERIMENTS}/{key}", change, **how)


def test_a_patch_raises_the_version_and_the_etag(gateway: Gateway) -> None:
    key = create(gateway)["key"]
    answer = patch(gateway, key, {"name": "Another", "analysis": {"alpha": 0.1}})
    assert (answer.status, answer.headers["etag"]) == (200, '"2"')
    assert (answer.body["name"], answer.body["version"]) == ("Another", 2)
    assert (answer.body["analysis"]["alpha"], answer.body["analysis"]["power"]) == (0.1, 0.8)
    assert gateway.get(f"{EXPERIMENTS}/{key}").body == answer.body


@pytest.mark.parametrize("content_type", ["application/merge-patch+json", "application/json; charset=utf-8"])
def test_a_patch_may_say_that_it_is_a_merge_patch(gateway: Gateway, content_type: str) -> None:
    key = create(gateway)["key"]
    assert patch(gateway, key, {"name": "Another"}, headers={"content-type": content_type}).status == 200


def test_null_brings_the_default_back(gateway: Gateway) -> None:
    created = create(gateway, description="x", coverage=50, targeting={"country": "DE"}, tags=["web"], control="green")
    answer = patch(gateway, created["key"], dict.fromkeys(["description", "coverage", "targeting", "tags", "control"]))
    assert answer.status == 200
    shown = {name: answer.body[name] for name in ("description", "coverage", "targeting", "tags", "control")}
    assert shown == {"description": "", "coverage": 100, "targeting": {}, "tags": [], "control": "control"}


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ({"targeting": {"country": "DE", "age": 5}}, {"targeting": {"age": None}}),
        ({"overrides": {"a": "green"}}, {"overrides": {"b": "green"}}),
        ({"metrics": [PURCHASED, ORDERS]}, {"metrics": [PURCHASED | {"role": "primary", "direction": "increase"}]}),
        ({}, {"variants": [VARIANTS[0] | {"value": 1}, VARIANTS[1] | {"value": 2}]}),
    ],
)
def test_conditions_overrides_variants_and_metrics_are_replaced_whole(
    gateway: Gateway, before: dict[str, Any], change: dict[str, Any]
) -> None:
    answer = patch(gateway, create(gateway, **before)["key"], change)
    (name,) = change
    assert answer.body[name] == change[name]


@pytest.mark.parametrize("value", [True, 1.0, None, "1"])
def test_another_type_of_value_is_another_value(gateway: Gateway, value: Any) -> None:
    key = create(gateway, variants=[VARIANTS[0] | {"value": 1}, VARIANTS[1]])["key"]
    answer = patch(gateway, key, {"variants": [VARIANTS[0] | {"value": value}, VARIANTS[1]]})
    assert answer.body["version"] == 2
    assert repr(answer.body["variants"][0]["value"]) == repr(value)


def test_what_is_read_can_be_sent_back_whole_and_changes_nothing(gateway: Gateway, catalog: Catalog) -> None:
    for status in ("draft", *STARTED):
        experiment = create_in(gateway, status, metrics=[PURCHASED], coverage=50)
        before = catalog.dump()
        answer = patch(gateway, experiment["key"], experiment)
        assert (answer.status, answer.body) == (200, experiment)
        assert catalog.dump() == before


@pytest.mark.parametrize("change", [{}, {"name": "Green checkout button"}, {"coverage": 100.0}, {"schedule": {}}])
def test_a_patch_that_changes_nothing_makes_no_version(
    gateway: Gateway, catalog: Catalog, change: dict[str, Any]
) -> None:
    created = create(gateway)
    before = catalog.dump()
    answer = patch(gateway, created["key"], change)
    assert (answer.status, answer.headers["etag"], answer.body) == (200, '"1"', created)
    assert catalog.dump() == before


@pytest.mark.parametrize("status", STARTED)
@pytest.mark.parametrize(("change", "loc"), FROZEN)
def test_a_started_experiment_keeps_what_its_numbers_depend_on(
    gateway: Gateway, catalog: Catalog, status: str, change: dict[str, Any], loc: list[str]
) -> None:
    key = create_in(gateway, status, coverage=50, schedule=SCHEDULE)["key"]
    before = catalog.dump()
    answer = patch(gateway, key, {"name": "Another"} | change)
    assert (answer.status, answer.code, answer.faults) == (409, "frozen_field", [(loc, "frozen_field")])
    assert catalog.dump() == before


@pytest.mark.parametrize("status", ["draft", *STARTED])
@pytest.mark.parametrize("change", OPEN)
def test_the_rest_may_be_changed_always(gateway: Gateway, status: str, change: dict[str, Any]) -> None:
    key = create_in(gateway, status, coverage=50, schedule=SCHEDULE)["key"]
    assert patch(gateway, key, change).status == 200


@pytest.mark.parametrize("name", ["key", "seed"])
def test_key_and_seed_of_a_draft_are_frozen_too(gateway: Gateway, catalog: Catalog, name: str) -> None:
    key = create(gateway)["key"]
    before = catalog.dump()
    answer = patch(gateway, key, {"name": "Another", name: "another"})
    assert (answer.status, answer.code, answer.faults) == (409, "frozen_field", [([name], "frozen_field")])
    assert catalog.dump() == before


def test_everything_else_of_a_draft_may_be_changed(gateway: Gateway) -> None:
    key = create(gateway, coverage=50)["key"]
    for change, _ in FROZEN[:-2]:
        assert patch(gateway, key, change).status == 200
    assert patch(gateway, key, {"coverage": 10}).status == 200


@pytest.mark.parametrize("status", STARTED)
def test_coverage_of_a_started_experiment_is_never_lowered(gateway: Gateway, catalog: Catalog, status: str) -> None:
    key = create_in(gateway, status, coverage=50)["key"]
    before = catalog.dump()
    answer = patch(gateway, key, {"coverage": 49.99})
    assert (answer.status, answer.code, answer.faults) == (
        409,
        "coverage_lowered",
        [(["coverage"], "coverage_lowered")],
    )
    assert catalog.dump() == before


def test_the_end_of_a_run_is_bounded_by_its_start(gateway: Gateway, catalog: Catalog) -> None:
    key = create_in(gateway, "active")["key"]
    before = catalog.dump()
    answer = patch(gateway, key, {"schedule": {"end_at": "2099-01-01T00:00:00Z"}})
    assert (answer.status, answer.faults) == (422, [(["schedule", "end_at"], "run_too_long")])
    assert catalog.dump() == before


@pytest.mark.usefixtures("started", "unchanged")
@pytest.mark.parametrize(
    ("change", "code", "loc"),
    [
        ({"name": ""}, "too_short", ["name"]),
        ({"coverage": 101}, "out_of_range", ["coverage"]),
        ({"overrides": {"u": "red"}}, "unknown_variant", ["overrides", "u"]),
        ({"metrics": [ORDERS]}, "primary_metric_required", ["metrics"]),
        ({"colour": "green"}, "unknown_field", ["colour"]),
        ({"status": "archived"}, "read_only_field", ["status"]),
    ],
)
def test_the_rules_hold_when_it_has_started_too(
    gateway: Gateway, started: str, change: dict[str, Any], code: str, loc: list[str]
) -> None:
    answer = patch(gateway, started, change)
    assert (answer.status, answer.code, answer.faults) == (422, code, [(loc, code)])


@pytest.fixture(scope="module")
def started(gateway: Gateway) -> str:
    return str(create_in(gateway, "active")["key"])


@pytest.mark.parametrize("matching", ['"1"', "*", '"7", "1"', '  "1"  ', 'W/"1", "1"'])
def test_a_matching_version_is_changed(gateway: Gateway, matching: str) -> None:
    key = create(gateway)["key"]
    assert patch(gateway, key, {"name": "Another"}, headers={"if-match": matching}).status == 200


@pytest.mark.parametrize("stale", ['"2"', 'W/"1"', "1", '"1', "", '"1" "1"', 'x"1"', '"01"', '"1",,', "W/*"])
def test_a_stale_weak_or_malformed_version_is_refused_and_nothing_changes(
    gateway: Gateway, catalog: Catalog, stale: str
) -> None:
    key = create(gateway)["key"]
    before = catalog.dump()
    for answer in (
        patch(gateway, key, {"name": "Another"}, headers={"If-Match": stale}),
        gateway.post(f"{EXPERIMENTS}/{key}/transitions", {"to": "active"}, headers={"If-Match": stale}),
        gateway.delete(f"{EXPERIMENTS}/{key}", headers={"If-Match": stale}),
    ):
        assert (answer.status, answer.code) == (412, "stale_version")
    assert catalog.dump() == before


def test_an_unknown_experiment_is_not_patched(gateway: Gateway) -> None:
    answer = patch(gateway, "missing", {"name": "Another"})
    assert (answer.status, answer.code) == (404, "experiment_not_found")


@pytest.mark.parametrize("status", ["draft", "active", "paused", "completed"])
def test_changed_metrics_queue_one_recount_under_the_next_epoch(
    gateway: Gateway, catalog: Catalog, status: str
) -> None:
    key = create_in(gateway, status, metrics=[PURCHASED])["key"]
    epoch = (catalog.recount(key) or (1,))[0]
    assert patch(gateway, key, {"metrics": [PURCHASED, ORDERS]}).status == 200
    assert catalog.recount(key) == (epoch + 1, "queued", "metrics_changed")
    assert catalog.item(f"EXPERIMENT#{key}", "CURRENT")["epoch"]["N"] == str(epoch + 1)


def test_no_other_change_queues_a_recount(gateway: Gateway, catalog: Catalog) -> None:
    key = create(gateway, metrics=[PURCHASED])["key"]
    patch(gateway, key, {"name": "Another", "coverage": 10, "analysis": {"alpha": 0.1}})
    assert catalog.recount(key) is None
