"""template.yaml as the local service reads it: routes, functions, tables, event sources and schedules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse

ROOT = Path(__file__).parents[1]
ACCOUNT = "000000000000"
REGION = "us-east-1"


@dataclass(frozen=True)
class Template:
    """A parsed template with what its references stand for here; `parameters` are those that are not the default."""

    document: Mapping[str, Any]
    folder: Path
    parameters: Mapping[str, str] = field(default_factory=dict)

    def resources(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Logical id and properties of each resource of a type; not of those whose condition does not hold."""
        for name, resource in self.document["Resources"].items():
            if resource["Type"] == kind and self._holds(resource.get("Condition")):
                yield name, resource.get("Properties", {})

    def _holds(self, condition: str | None) -> bool:
        """Whether the condition of that name does: two values that have to be equal, or none at all."""
        if condition is None:
            return True
        ((name, pair),) = self.document["Conditions"][condition].items()
        if name != "Fn::Equals":
            raise ValueError(f"the template's condition {condition} cannot be followed here: {name}")
        one, other = self.value(pair)
        return bool(one == other)

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
            return self.parameters.get(name, parameter.get("Default", ""))
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


def read(path: Path | None = None, parameters: Mapping[str, str] | None = None) -> Template:
    """The template of that path, ours where none is given, with these values of its parameters.

    Raises:
        ValueError: it has no such parameter, or the parameter may not have that value.
    """
    file = path or ROOT / "template.yaml"
    document, given = yaml_parse(file.read_text()), parameters or {}
    for name, value in given.items():
        _check_parameter(document.get("Parameters", {}), name, value)
    return Template(document, file.parent, given)


def _check_parameter(known: Mapping[str, Any], name: str, value: str) -> None:
    if name not in known:
        raise ValueError(f"the template has no parameter {name}, only {', '.join(known)}")
    allowed = [str(one) for one in known[name].get("AllowedValues", [value])]
    if value not in allowed:
        raise ValueError(f"the template's parameter {name} cannot be {value}: take one of {', '.join(allowed)}")


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
