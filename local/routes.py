"""The routes of the template's HTTP API, matched as API Gateway matches them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local.templates import Function

DEFAULT = "$default"
ANY = "ANY"


@dataclass(frozen=True)
class Route:
    """A route of the template and its function."""

    method: str
    path: str
    function: str

    @property
    def key(self) -> str:
        return DEFAULT if self.path == DEFAULT else f"{self.method} {self.path}"

    @property
    def rank(self) -> tuple[bool, bool, int, bool, str]:
        """Sorts as the gateway prefers: fixed paths, parameters, greedy ones, `$default`; a method before ANY."""
        return (self.path == DEFAULT, "+}" in self.path, self.path.count("{"), self.method == ANY, self.path)

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """The path's parameters where method and path are the route's; else None."""
        if self.path == DEFAULT:
            return {}
        if self.method not in {method, ANY}:
            return None
        found = re.fullmatch(_pattern(self.path), path, re.DOTALL)
        return found.groupdict() if found else None


def _pattern(path: str) -> str:
    parts = re.split(r"\{(\w+)(\+?)\}", path)
    pattern = re.escape(parts[0])
    for name, greedy, fixed in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pattern += f"(?P<{name}>{'.+' if greedy else '[^/]+'})" + re.escape(fixed)
    return pattern


def routes_of(functions: Sequence[Function]) -> list[Route]:
    """All routes of the functions, those first that the gateway prefers."""
    found = []
    for function in functions:
        for event in function.events.values():
            if event["Type"] == "HttpApi":
                properties = event.get("Properties") or {}
                method = str(properties.get("Method", ANY)).upper()
                method = ANY if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" else method
                found.append(Route(method, properties.get("Path", DEFAULT), function.name))
    return sorted(found, key=lambda route: route.rank)


def find(routes: Sequence[Route], method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
    """The route of a request, with the path's parameters."""
    for route in routes:
        parameters = route.match(method, path)
        if parameters is not None:
            return route, parameters
    return None
