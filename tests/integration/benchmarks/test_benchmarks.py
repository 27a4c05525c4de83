"""Every benchmark does what it says it measures, in a small size."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.bench import Bench
from benchmarks.measuring import Pair, measure
from fairsplit.storage.experiments import Experiments
from tests.gateway import Gateway

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def bench(client: DynamoDBClient, tables: dict[str, str], gateway: Gateway) -> Bench:
    return Bench(gateway, Experiments(client, tables["CatalogTable"]), scale=0.004)


@pytest.mark.parametrize("make", BENCHMARKS)
def test_a_benchmark_finds_a_ratio(bench: Bench, make: Callable[[Bench], Pair]) -> None:
    ratio = measure(make(bench), rounds=1)
    assert 0 < ratio.least <= ratio.median <= ratio.most


def test_the_command_shows_its_progress_and_leaves_the_environment_as_it_was(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = dict(os.environ)
    assert main(["--rounds", "1", "--scale", "0.004"]) == 0
    output = capsys.readouterr()
    assert len(output.out.splitlines()) == 1 + len(BENCHMARKS)
    assert f"{len(BENCHMARKS)}/{len(BENCHMARKS)}" in output.err
    assert dict(os.environ) == before


@pytest.mark.parametrize("make", BENCHMARKS)
def test_the_docs_explain_each_benchmark(make: Callable[[Bench], Pair]) -> None:
    assert f"`benchmarks/{make.__module__.rpartition('.')[2]}.py`" in (ROOT / "docs/benchmarks.md").read_text()
