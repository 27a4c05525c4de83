"""The table of routes, the template and the handlers say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse

from fairsplit.http.routes import OPTIONAL, ROUTES, methods_of

ROOT = Path(__file__).parents[3]


def of_template() -> set[tuple[str, str, str]]:
    template: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
    return {
        (event["Properties"]["Method"], event["Properties"]["Path"], one["Properties"]["CodeUri"].split("/")[-1])
        for one in template["Resources"].values()
        for event in one.get("Properties", {}).get("Events", {}).values()
        if event["Type"] == "HttpApi" and event["Properties"].get("Path", "$default") != "$default"
    }


def test_the_table_has_the_templates_routes() -> None:
    both = [*ROUTES, *OPTIONAL]
    assert set(both) == of_template()
    assert len(set(both)) == len(both)


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/experiments", ["GET", "POST"]),
        ("/v1/experiments/a", ["DELETE", "GET", "PATCH"]),
        ("/v1/experiments/", []),
        ("/v1/experiments/a/", []),
        ("/v1/unknown", []),
        ("/projects/shop/evaluations", []),
        ("", []),
    ],
)
def test_a_path_knows_its_methods(path: str, methods: list[str]) -> None:
    assert methods_of(path) == methods
