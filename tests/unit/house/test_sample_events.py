"""Each function has a sample event, of the kind that the template sends it."""

from __future__ import annotations

from typing import Any

import pytest

from local import templates
from tests.gateway import function_of
from tests.permissions import EVERYTHING
from tests.samples import SAMPLES, sample

TEMPLATE = templates.read(parameters=EVERYTHING)
FUNCTIONS = {one.name.removesuffix("Function").lower(): one for one in templates.functions(TEMPLATE)}


def sources(function: str, kind: str) -> list[dict[str, Any]]:
    """What the template says of a function's events of one kind."""
    events = FUNCTIONS[function].events.values()
    return [TEMPLATE.value(one["Properties"]) for one in events if one["Type"] == kind]


def test_there_is_one_for_each_function_of_the_template_and_no_other() -> None:
    assert {path.stem for path in SAMPLES.glob("*.json")} == set(FUNCTIONS)


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if sources(name, "HttpApi")])
def test_a_request_takes_a_route_of_its_function(function: str) -> None:
    http = sample(function)["requestContext"]["http"]
    routes = [f"{one['Method']} {one['Path']}" for one in sources(function, "HttpApi") if "Path" in one]
    assert sample(function)["routeKey"] in routes
    assert function_of(http["method"], http["path"]) == function


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if sources(name, "DynamoDB")])
def test_records_come_from_a_stream_that_the_function_reads(function: str) -> None:
    read = {one["Stream"].removesuffix(".StreamArn") for one in sources(function, "DynamoDB")}
    assert {record["eventSourceARN"].split("/")[1] for record in sample(function)["Records"]} <= read


def test_the_records_for_rollup_are_of_no_experiment_that_there_can_be() -> None:
    keys = {record["dynamodb"]["Keys"]["experiment"]["S"] for record in sample("rollup")["Records"]}
    assert keys == {"_sample"}  # keys begin with a letter or a digit, so nobody's sums change
