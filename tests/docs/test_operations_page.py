"""docs/operations.md says what the template says, and what a round of maintenance costs."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from samcli.yamlhelper import yaml_parse

from fairsplit.domain.sealing import LATE_DAYS, SPARE_DAYS
from tests.counting import Counts, counted
from tests.docs.markdown import OPERATIONS, ROOT
from tests.gateway import Gateway
from tests.integration.experiments.making import create_in
from tests.pipeline import Pipeline

TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
ROUND = (
    "A round without experiments takes 3 function calls, 5 write units and\n"
    "3 read units; each experiment that is not sealed adds 7 read units."
)


@pytest.mark.parametrize("name", TEMPLATE["Parameters"])
def test_a_parameter_stands_there_with_its_default(name: str) -> None:
    assert f"| `{name}` | `{TEMPLATE['Parameters'][name]['Default']}` |" in OPERATIONS.text


@pytest.mark.parametrize("name", TEMPLATE["Outputs"])
def test_an_output_stands_there(name: str) -> None:
    assert f"`{name}`" in OPERATIONS.text


def test_the_longest_run_follows_from_the_retention() -> None:
    assert f"this less {LATE_DAYS + SPARE_DAYS}, less its `cuped_days`" in OPERATIONS.text


def test_retries_and_retention_of_dead_letters_are_the_templates() -> None:
    resources = TEMPLATE["Resources"]
    source = resources["AttributionFunction"]["Properties"]["Events"]["NewEvents"]["Properties"]
    days = resources["DeadLetters"]["Properties"]["MessageRetentionPeriod"] // 86_400
    assert f"up to {source['MaximumRetryAttempts']} times" in OPERATIONS.text
    assert f"| DeadLetters | {days} days," in OPERATIONS.text


@pytest.mark.engine
def test_a_round_costs_what_the_page_says(gateway: Gateway, pipeline: Pipeline) -> None:
    idle = cost_of_a_round(pipeline)
    create_in(gateway, "active")
    with_one = cost_of_a_round(pipeline)
    assert ROUND in OPERATIONS.text
    assert (len(idle), written(idle), read(idle)) == (3, 5, 3)
    assert (len(with_one), written(with_one), read(with_one)) == (3, 5, 3 + 7)


def cost_of_a_round(pipeline: Pipeline) -> list[Counts]:
    """What each function that works in a round asks of DynamoDB; not the first round, which has the day's check."""
    round_of(pipeline)
    of = {name: handler.__globals__ for name, handler in pipeline.handlers.items()}
    clients = [of["MaintenanceFunction"]["client"], of["AttributionFunction"]["client"]]
    with ExitStack() as counting:
        counts = [counting.enter_context(counted(one)) for one in (*clients, of["RollupFunction"]["aggregates"].client)]
        round_of(pipeline)
    return [one for one in counts if one.calls]


def round_of(pipeline: Pipeline) -> None:
    pipeline.maintain()
    pipeline.drain()


def written(counts: list[Counts]) -> float:
    return sum(one.write_units for one in counts)


def read(counts: list[Counts]) -> float:
    return sum(one.read_units for one in counts)
