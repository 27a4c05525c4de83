"""Features and experiments become drafts that the service takes; what has no equivalent is told with its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fairsplit.domain.experiment_rules import read_settings
from local.evidently.drafts import Line, drafts_of
from local.evidently.errors import ExportError
from local.evidently.export import Export, read
from tests.evidently_export import FILE

FEATURE = {
    "name": "f",
    "project": "p",
    "defaultVariation": "a",
    "variations": [{"name": name, "value": {"boolValue": name == "b"}} for name in "ab"],
}
EXPERIMENT = {
    "name": "e",
    "project": "p",
    "status": "CREATED",
    "treatments": [{"name": f"t-{name}", "featureVariations": {"f": name}} for name in "ab"],
    "onlineAbDefinition": {"controlTreatmentName": "t-a", "treatmentWeights": {"t-a": 50_000, "t-b": 50_000}},
    "samplingRate": 100_000,
}


def lines_of(*documents: tuple[str, dict[str, Any]]) -> dict[str, Line]:
    """The lines of these documents, by name."""
    export = Export()
    for kind, document in documents:
        export.add(kind, document)
    return {line.name: line for line in drafts_of(export)}


def experiment(**fields: Any) -> Line:
    """The line of an experiment with other fields, on a feature that is there."""
    return lines_of(("feature", FEATURE), ("experiment", EXPERIMENT | fields))["e"]


def feature(**fields: Any) -> Line:
    return lines_of(("feature", FEATURE | fields))["f"]


@pytest.fixture(scope="module")
def shop() -> dict[str, Line]:
    return {line.name: line for line in drafts_of(read(FILE))}


def test_an_experiment_is_a_draft_under_its_features_key(shop: dict[str, Line]) -> None:
    body = shop["Green-Button"].body
    assert body
    assert {name: body[name] for name in ("key", "name", "description", "control", "coverage", "analysis")} == {
        "key": "checkout-button",
        "name": "Green-Button",
        "description": "Does green sell more?",
        "control": "blue",
        "coverage": 40,
        "analysis": {"method": "sequential"},
    }
    assert body["targeting"] == {"continent": {"$in": ["EU"]}, "Age": {"$gte": 18}}
    assert body["overrides"] == {"tester-1": "red", "tester-2": "green"}


def test_variants_have_the_treatments_weights_and_the_variations_values(shop: dict[str, Line]) -> None:
    body = shop["Green-Button"].body
    assert body
    assert body["variants"] == [
        {"key": "blue", "weight": 66.667, "value": "#00f"},
        {"key": "green", "weight": 33.333, "value": "#0f0"},
        {"key": "red", "weight": 0, "value": "#f00"},
    ]


def test_a_goal_is_the_ratio_of_what_was_collected(shop: dict[str, Line]) -> None:
    line = shop["Green-Button"]
    assert line.body
    assert line.body["metrics"] == [
        {
            "key": "ordervalue",
            "kind": "ratio",
            "numerator": "ordervalue-sum",
            "denominator": "ordervalue-count",
            "role": "primary",
            "direction": "increase",
        },
        {"key": "ordervalue-sum", "kind": "mean", "event_type": "details.orderValue", "direction": "increase"},
        {"key": "ordervalue-count", "kind": "count", "event_type": "details.orderValue"},
        *line.body["metrics"][3:],
    ]
    assert [one["direction"] for one in line.body["metrics"][3:5]] == ["decrease", "decrease"]


def test_what_a_reader_has_to_know_stands_beside_the_draft(shop: dict[str, Line]) -> None:
    entity, pattern = shop["Green-Button"].notes
    assert entity == "metric pageLoadTime: deploy with the parameter EvidentlyEntityIdKey=sessionDetails.id"
    assert pattern.startswith("metric couponValue left out: its eventPattern asks for more")


def test_a_goal_that_filters_values_is_left_out() -> None:
    pattern = {"details": {"price": [{"numeric": [">", 5]}]}}
    definition = {
        "name": "n",
        "entityIdKey": "userDetails.userId",
        "valueKey": "details.price",
        "eventPattern": pattern,
    }
    line = experiment(metricGoals=[{"metricDefinition": definition}, {"metricDefinition": {"name": "rum"}}])
    assert line.body
    assert line.body["metrics"] == []
    assert [note.partition(":")[0] for note in line.notes] == ["metric n left out", "metric rum left out"]


def test_a_project_is_the_same_by_its_name_and_by_its_arn() -> None:
    project = "arn:aws:evidently:eu-west-1:123456789012:project/p"
    lines = lines_of(("feature", FEATURE | {"project": project}), ("experiment", EXPERIMENT))
    assert lines.keys() == {"e"}
    assert lines["e"].body


def test_a_feature_without_an_experiment_gives_its_default_to_all(shop: dict[str, Line]) -> None:
    body = shop["Timeout"].body
    assert body
    assert (body["key"], body["control"]) == ("timeout", "short")
    assert body["variants"] == [
        {"key": "long", "weight": 0, "value": 2.0},
        {"key": "short", "weight": 100, "value": 0.5},
    ]
    assert isinstance(body["variants"][0]["value"], float)


def test_all_else_in_the_file_is_told_why_it_is_no_draft(shop: dict[str, Line]) -> None:
    refused = {name: line.refusal for name, line in shop.items() if line.refusal}
    assert set(refused) == {"Search.Ranker", "Old-Button", "Rollout"}
    assert refused["Search.Ranker"] == "list-features leaves out the variations: add what get-feature prints"
    assert refused["Old-Button"] == "it has ended: its status is COMPLETED"
    assert str(refused["Rollout"]).startswith("launches are not taken over")
    assert {name for name, line in shop.items() if line.skipped} == {"Old-Button", "Rollout"}


def test_the_service_takes_every_draft(shop: dict[str, Line]) -> None:
    bodies = [line.body for line in shop.values() if line.body]
    assert [read_settings(body, "seed").key for body in bodies] == ["checkout-button", "timeout"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"segment": "arn:x:segment/s"}, "segment s is not in the file"),
        ({"samplingRate": 100_001}, "from 0 to 100000"),
        ({"samplingRate": "all"}, "from 0 to 100000"),
        ({"treatments": []}, "of one feature"),
        ({"treatments": None}, "of one feature"),
        ({"treatments": [{"featureVariations": {"f": "a", "g": "b"}}]}, "of one feature"),
        ({"treatments": [{"name": "t", "featureVariations": {"g": "a"}}]}, "feature g is not in the file"),
        ({"treatments": [{"featureVariations": {"f": "a"}}]}, "not as the AWS CLI prints it: KeyError"),
        ({"treatments": [{"name": "t-a", "featureVariations": {"f": "c"}}]}, "no variation c"),
        ({"onlineAbDefinition": None}, "not as the AWS CLI prints it: TypeError"),
        ({"metricGoals": [5]}, "not as the AWS CLI prints it: AttributeError"),
        ({"status": "CANCELLED"}, "it has ended"),
    ],
)
def test_an_experiment_that_cannot_be_taken_over_says_why(fields: dict[str, Any], said: str) -> None:
    line = experiment(**fields)
    assert line.body is None
    assert said in str(line.refusal)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"variations": FEATURE["variations"][:1]}, "one variation"),
        ({"variations": [{"name": name, "value": {"longValue": 1}} for name in ("A.b", "a-b")]}, "the key a-b"),
        ({"variations": [{"name": "a", "value": {}}, {"name": "b"}]}, "not as the AWS CLI prints it"),
        ({"entityOverrides": []}, "not as the AWS CLI prints it"),
    ],
)
def test_a_feature_that_cannot_be_taken_over_says_why(fields: dict[str, Any], said: str) -> None:
    assert said in str(feature(**fields).refusal)


def test_features_whose_names_fold_to_one_key_are_both_refused() -> None:
    other = FEATURE | {"name": "F"}
    lines = lines_of(("feature", FEATURE), ("feature", other), ("experiment", EXPERIMENT))
    assert {name: "the key f" in str(line.refusal) for name, line in lines.items()} == {"e": True, "F": True}


def test_a_feature_has_one_experiment_the_one_that_runs() -> None:
    running = EXPERIMENT | {"name": "running", "status": "RUNNING"}
    lines = lines_of(("feature", FEATURE), ("experiment", EXPERIMENT), ("experiment", running))
    assert lines["running"].body
    assert lines["e"].refusal == "the feature f has another one already, running"


def test_who_is_not_in_may_get_another_variation_than_before() -> None:
    lines = lines_of(("feature", FEATURE | {"defaultVariation": "b"}), ("experiment", EXPERIMENT))
    assert lines["e"].notes == ("who is not in gets the control; Evidently gave the default b",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "has to be an object"),
        ('{"a": 1}', "none of feature"),
        ('{"feature": 5}', "a name"),
        ('{"features": [{}]}', "a name"),
        ('{"features": 5}', "a list"),
        ("[" * 100_000, "cannot be read as JSON"),
    ],
)
def test_a_file_that_is_no_export_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "export.json").write_text(text)
    with pytest.raises(ExportError, match=said):
        read(tmp_path / "export.json")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"none\.json"):
        read(tmp_path / "none.json")


@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"feature": one}, lambda one: {"features": [one]}])
def test_a_document_may_be_bare_wrapped_or_in_a_list(tmp_path: Path, wrap: Any) -> None:
    (tmp_path / "export.json").write_text(json.dumps(wrap(FEATURE)))
    (line,) = drafts_of(read(tmp_path / "export.json"))
    assert line.key == "f"


def test_a_project_and_an_empty_list_are_nothing_to_be_done(tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text('{"project": {"name": "shop"}}\n{"experiments": []}')
    assert drafts_of(read(tmp_path / "export.json")) == []
