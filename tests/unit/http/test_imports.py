"""What a function imports before its first request, counted in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FUNCTIONS = sorted(path.parent.name for path in ROOT.glob("functions/*/handler.py"))
HTTP = ["experiments", "assignments", "flags", "events", "evidently", "results", "export", "site"]
HEAVY = {"numpy", "scipy", "pandas", "requests", "aws_xray_sdk", "jsonschema_rs"}
# What Powertools' resolver imports itself, whether OpenAPI is asked for or not: constants, configuration, errors.
LIGHT_OPENAPI = {"", ".config", ".constants", ".exceptions", ".merge", ".types"}
OPENAPI = "aws_lambda_powertools.event_handler.openapi"
LIST_MODULES = "import sys, json, importlib; importlib.import_module(sys.argv[1]); print(json.dumps(list(sys.modules)))"


@cache
def modules_of(function: str) -> frozenset[str]:
    """The modules that are there once the handler is imported."""
    names = {f"{name}_TABLE": name for name in ("CATALOG", "ASSIGNMENTS", "EVENTS", "AGGREGATES")}
    settings = {"EVENT_RETENTION_DAYS": "480", "EVIDENTLY_ENTITY_ID_KEY": "id", "AWS_DEFAULT_REGION": "us-east-1"}
    environment = {**os.environ, **names, **settings}
    command = [sys.executable, "-c", LIST_MODULES, f"functions.{function}.handler"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, text=True)
    return frozenset(json.loads(done.stdout))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_function_imports_what_is_heavy(function: str) -> None:
    assert {name.partition(".")[0] for name in modules_of(function)} & HEAVY == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_who_reads_results_and_maintenance_import_statistics(function: str) -> None:
    imports_statistics = any(name.startswith("fairsplit.domain.stats") for name in modules_of(function))
    assert not imports_statistics or function in {"results", "export", "maintenance"}


@pytest.mark.parametrize("function", HTTP)
def test_no_openapi_machinery_is_imported(function: str) -> None:
    found = {name.removeprefix(OPENAPI) for name in modules_of(function) if name.startswith(OPENAPI)}
    assert found <= LIGHT_OPENAPI


def test_the_site_imports_neither_the_sdk_nor_models() -> None:
    assert not {"boto3", "pydantic"} & modules_of("site")
