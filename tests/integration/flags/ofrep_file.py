"""OFREP's OpenAPI file, and calls of all kinds that it allows and forbids."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from samcli.yamlhelper import yaml_parse
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from tests.gateway import Gateway
from tests.wsgi import application

FILE = Path(__file__).parents[2] / "vectors/ofrep-openapi.yaml"
CONFIG = {
    "seed": 1,
    "continue-on-failure": True,
    "generation": {"max-examples": 50, "deterministic": True, "database": "none"},
    "phases": {"stateful": {"enabled": False}},  # no call needs another's answer
    "checks": {
        "ignored_auth": {"enabled": False},  # it cannot call an application in this process
        "negative_data_rejection": {"enabled": False},  # bad parameters of the query have to be ignored
        "positive_data_acceptance": {"enabled": False},  # to the file any text is a targeting key
    },
}


@dataclass
class Run:
    """What the calls brought: how many were made by phase, method, path and status; and all that is wrong."""

    calls: Counter[tuple[str, str, str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def statuses(self, path: str) -> set[int]:
        """The statuses that a path was answered with by POST."""
        return {status for _, method, one, status in self.calls if (method, one) == ("POST", path)}


def read_file() -> dict[str, Any]:
    """The file with the four things that Fairsplit, and servers that clients are used to, do otherwise.

    A reason may be DEFAULT. A value may be a list, as clients take it. As it stands, no evaluation with a value can
    be valid, because `codeDefaultFlag` allows one too; and a whole number is both an integer and a float.
    """
    file: dict[str, Any] = json.loads(json.dumps(yaml_parse(FILE.read_text())))
    reasons, kinds = file["components"]["schemas"]["evaluationSuccess"]["allOf"]
    reasons["properties"]["reason"]["enum"].append("DEFAULT")
    kinds["anyOf"] = [*kinds.pop("oneOf"), {"properties": {"value": {"type": "array"}}, "required": ["value"]}]
    file["components"]["schemas"]["codeDefaultFlag"] = {"not": {"required": ["value"]}}
    return file


def call_after(file: dict[str, Any], gateway: Gateway, token: str) -> Run:
    """Call the functions in this process by examples, by boundaries and at random, and check each answer."""
    config = SchemathesisConfig.from_dict(CONFIG | {"headers": {"authorization": f"Bearer {token}"}})
    schema = schemathesis.openapi.from_dict(file, config=config)
    schema.app = application(gateway)
    run = Run()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(run, event)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            run.faults.append(repr(event))
    return run


def _note(run: Run, event: events.ScenarioFinished) -> None:
    recorder = event.recorder
    for name, interaction in recorder.interactions.items():
        case = recorder.cases[name].value
        status = interaction.response.status_code if interaction.response else 0
        run.calls[event.phase.value, case.method, case.operation.path, status] += 1
    for checks in recorder.checks.values():
        run.faults += [f"{one.name}: {one.failure_info.failure}" for one in checks if one.failure_info]
