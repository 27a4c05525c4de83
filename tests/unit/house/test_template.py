"""The template, the folders and the code say the same."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse

from local import templates

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "layers/common/fairsplit"
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))
ACTION_OF_CALL = {
    "batch_execute_statement": {"PartiQLInsert"},
    "batch_get_item": {"BatchGetItem"},
    "batch_write_item": {"BatchWriteItem"},
    "delete_item": {"DeleteItem"},
    "get_item": {"GetItem"},
    "put_item": {"PutItem"},
    "query": {"Query"},
    "transact_write_items": {"PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"},
    "update_item": {"UpdateItem"},
}


@cache
def template() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    return parsed


def resources(kind: str) -> dict[str, Any]:
    return {name: one["Properties"] for name, one in template()["Resources"].items() if one["Type"] == kind}


def function(name: str) -> dict[str, Any]:
    properties: dict[str, Any] = resources("AWS::Serverless::Function")[f"{name.capitalize()}Function"]
    return properties


def statements(name: str) -> list[dict[str, Any]]:
    return [one for policy in function(name).get("Policies", []) for one in policy["Statement"]]


def tables_of(name: str) -> set[str]:
    """The tables that a function's policies name."""
    return set(re.findall(r"(\w+)Table", str([one["Resource"] for one in statements(name)])))


@cache
def calls_of(module: str) -> frozenset[str]:
    """The DynamoDB calls in a module of the package and in all that it imports."""
    path = PACKAGE / (module.replace(".", "/") + ".py")
    if not path.exists():
        return frozenset()
    text = path.read_text()
    own = {call for call in ACTION_OF_CALL if re.search(rf"\b(client|self\.client)\.{call}\b|\b{call}\(", text)}
    return frozenset(own.union(*(calls_of(name) for name in imports_of(path) if name != module)))


def imports_of(path: Path) -> set[str]:
    """The modules of the package that a file imports, without the package's name."""
    tree = ast.parse(path.read_text())
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    names = {str(node.module) for node in found} | {
        f"{node.module}.{alias.name}" for node in found for alias in node.names
    }
    return {name.removeprefix("fairsplit.") for name in names if name.startswith("fairsplit.")}


def test_each_folder_is_a_function_of_the_template_and_the_other_way_round() -> None:
    declared = {properties["CodeUri"] for properties in resources("AWS::Serverless::Function").values()}
    assert declared == {f"functions/{name}" for name in FUNCTIONS}
    assert len(FUNCTIONS) == 11


def test_only_evidently_hangs_on_a_condition_and_is_off_by_default() -> None:
    conditional = {name for name, one in template()["Resources"].items() if "Condition" in one}
    assert conditional == {"EvidentlyFunction", "EvidentlyLogGroup"}
    deployed = {one.name for one in templates.functions(templates.read())}
    assert deployed == set(resources("AWS::Serverless::Function")) - {"EvidentlyFunction"}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_reads_just_the_environment_that_the_template_gives_it(name: str) -> None:
    given = set(function(name).get("Environment", {}).get("Variables", {}))
    read = set(re.findall(r'os\.environ\["(\w+)"\]', (ROOT / f"functions/{name}/handler.py").read_text()))
    assert read - {"STAGE"} == given


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_touch_just_the_tables_whose_names_it_gets(name: str) -> None:
    given = {key for key in function(name).get("Environment", {}).get("Variables", {}) if key.endswith("_TABLE")}
    assert {f"{table.upper()}_TABLE" for table in tables_of(name)} == given


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_policy_allows_no_action_that_the_code_behind_the_function_never_calls(name: str) -> None:
    modules = imports_of(ROOT / f"functions/{name}/handler.py")
    possible = {action for module in modules for call in calls_of(module) for action in ACTION_OF_CALL[call]}
    allowed = {action.removeprefix("dynamodb:") for one in statements(name) for action in one["Action"]}
    assert allowed - {"sqs:SendMessage"} <= possible


def test_no_policy_has_a_wildcard() -> None:
    for name in FUNCTIONS:
        for one in statements(name):
            assert "*" not in str(one["Action"]) + str(one["Resource"])


def test_only_the_functions_that_change_the_catalog_may_read_all_of_it() -> None:
    bounded = [one for name in FUNCTIONS for one in statements(name) if "CatalogTable" in str(one["Resource"])]
    unbounded = [one for one in bounded if "Condition" not in one]
    assert len(unbounded) == 2
    assert {name for name in FUNCTIONS if any(one in unbounded for one in statements(name))} == {
        "experiments",
        "maintenance",
    }


def test_streams_are_set_up_so_that_nothing_is_counted_twice_or_lost() -> None:
    rollup = function("rollup")["Events"]["ChangedAssignments"]["Properties"]
    assert (rollup["ParallelizationFactor"], rollup["MaximumRetryAttempts"]) == (1, -1)
    assert rollup["TumblingWindowInSeconds"] > 0
    for source in function("attribution")["Events"].values():
        assert source["Properties"]["FilterCriteria"]["Filters"] == [{"Pattern": '{"eventName": ["INSERT"]}'}]
        assert source["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert "OnFailure" in source["Properties"]["DestinationConfig"]


def test_every_table_is_on_demand_restorable_and_kept() -> None:
    tables = {key: one for key, one in template()["Resources"].items() if one["Type"] == "AWS::DynamoDB::Table"}
    assert set(tables) == {"CatalogTable", "AssignmentsTable", "EventsTable", "AggregatesTable"}
    for one in tables.values():
        assert one["DeletionPolicy"] == "Retain"
        assert one["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
        assert one["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]


def test_every_function_logs_into_a_group_with_a_retention() -> None:
    groups = resources("AWS::Logs::LogGroup")
    for name in FUNCTIONS:
        group = function(name)["LoggingConfig"]["LogGroup"]["Ref"]
        assert groups[group]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
