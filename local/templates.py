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
        """The value with !Ref, !GetAtt and !Sub resolved; tables, queues and functions go by their logical ids.

        Raises:
            ValueError: it has another function of CloudFormation.
        """
        if isinstance(value, Mapping):
            name = next(iter(value), "")
            if len(value) == 1 and (name in {"Ref", "Condition"} or name.startswith("Fn::")):
                return self._called(name, value[name])
            return {key: self.value(one) for key, one in value.items()}
        return [self.value(one) for one in value] if isinstance(value, list) else value

    def _called(self, name: str, argument: Any) -> Any:
        if name == "Ref":
            return self._ref(argument)
        if name == "Fn::GetAtt":
            return ".".join([argument] if isinstance(argument, str) else argument)
        if name == "Fn::Sub" and isinstance(argument, str):
            return re.sub(r"\$\{([\w.:]+)\}", lambda match: str(self._ref(match.group(1))), argument)
        raise ValueError(f"the template's {name} cannot be followed here: {argument}")

    def _ref(self, name: str) -> Any:
        parameter = self.document.get("Parameters", {}).get(name)
        if parameter:
            return parameter.get("Default", "")
        return {"AWS::Region": REGION, "AWS::AccountId": ACCOUNT}.get(name, name)


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
    layers: tuple[Path, ...] = ()
    log_format: str = "Text"
    log_level: str = "INFO"


def read(path: Path | None = None) -> Template:
    """The template of that path; ours where none is given."""
    file = path or ROOT / "template.yaml"
    return Template(yaml_parse(file.read_text()), file.parent)


def functions(template: Template) -> list[Function]:
    """All functions, with what Globals gives them."""
    common = template.document.get("Globals", {}).get("Function", {})
    return [
        _function(template, name, {**common, **own}, {**_variables(common), **_variables(own)})
        for name, own in template.resources("AWS::Serverless::Function")
    ]


def _function(template: Template, name: str, properties: Mapping[str, Any], variables: Mapping[str, Any]) -> Function:
    logging = template.value(properties.get("LoggingConfig", {}))
    return Function(
        name=name,
        folder=template.folder / properties["CodeUri"],
        handler=properties["Handler"],
        timeout=int(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
        environment={key: str(template.value(value)) for key, value in variables.items()},
        events=properties.get("Events", {}),
        layers=tuple(_layer(template, layer) for layer in template.value(properties.get("Layers", []))),
        log_format=logging.get("LogFormat", "Text"),
        log_level=logging.get("ApplicationLogLevel", "INFO"),
    )


def _layer(template: Template, name: str) -> Path:
    """The folder of a layer's source, which stands for what the build makes of it."""
    return template.folder / str(template.document["Resources"][name]["Properties"]["ContentUri"])


def _variables(properties: Mapping[str, Any]) -> dict[str, Any]:
    return dict(properties.get("Environment", {}).get("Variables", {}))


def function_arn(name: str) -> str:
    """What a function is called in requests and messages."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
