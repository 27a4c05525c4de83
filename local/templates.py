"""template.yaml as the local service reads it: routes, functions, tables, event sources and schedules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse

ROOT = Path(__file__).parents[1]
ACCOUNT = "000000000000"
REGION = "us-east-1"


@dataclass(frozen=True)
class Template:
    """A parsed template with what its references stand for here."""

    document: Mapping[str, Any]
    folder: Path

    def resources(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Logical id and properties of each resource of a type."""
        for name, resource in self.document["Resources"].items():
            if resource["Type"] == kind:
                yield name, resource.get("Properties", {})

    def value(self, value: Any) -> Any:
        """The value with !Ref, !GetAtt and !Sub resolved; tables, queues and functions go by their logical ids."""
        if isinstance(value, Mapping) and len(value) == 1:
            name, argument = next(iter(value.items()))
            if name == "Ref":
                return self._ref(argument)
            if name == "Fn::GetAtt":
                return self._attribute(*(argument.split(".") if isinstance(argument, str) else argument))
            if name == "Fn::Sub":
                return re.sub(r"\$\{([\w.:]+)\}", lambda match: str(self._sub(match.group(1))), argument)
        if isinstance(value, Mapping):
            return {name: self.value(one) for name, one in value.items()}
        return [self.value(one) for one in value] if isinstance(value, list) else value

    def _ref(self, name: str) -> Any:
        parameter = self.document.get("Parameters", {}).get(name)
        if parameter:
            return parameter.get("Default", "")
        return {"AWS::Region": REGION, "AWS::AccountId": ACCOUNT}.get(name, name)

    def _attribute(self, name: str, attribute: str) -> str:
        return f"{name}.{attribute}"

    def _sub(self, name: str) -> Any:
        return self._attribute(*name.split(".", 1)) if "." in name else self._ref(name)


@dataclass(frozen=True)
class Function:
    """A function as Lambda would run it."""

    name: str
    folder: Path
    handler: str
    timeout: int
    memory: int
    environment: Mapping[str, str]
    events: Mapping[str, Mapping[str, Any]]


def read(path: Path | None = None) -> Template:
    """The template of that path; ours where none is given."""
    file = path or ROOT / "template.yaml"
    return Template(yaml_parse(file.read_text()), file.parent)


def functions(template: Template) -> list[Function]:
    """All functions, with what Globals gives them."""
    common = template.document.get("Globals", {}).get("Function", {})
    found = []
    for name, own in template.resources("AWS::Serverless::Function"):
        merged = {**common, **own}
        variables = {**_variables(common), **_variables(own)}
        found.append(
            Function(
                name=name,
                folder=template.folder / merged["CodeUri"],
                handler=merged["Handler"],
                timeout=int(merged.get("Timeout", 3)),
                memory=int(merged.get("MemorySize", 128)),
                environment={key: str(template.value(value)) for key, value in variables.items()},
                events=merged.get("Events", {}),
            )
        )
    return found


def _variables(properties: Mapping[str, Any]) -> dict[str, Any]:
    return dict(properties.get("Environment", {}).get("Variables", {}))


def function_arn(name: str) -> str:
    """What a function is called in requests and messages."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
