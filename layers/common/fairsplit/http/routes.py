"""All routes and the function of each, for the answer to a path that exists with another method."""

from __future__ import annotations

import re

EXPERIMENT = "/v1/experiments/{key}"
ROUTES: tuple[tuple[str, str, str], ...] = (
    ("POST", "/v1/experiments", "experiments"),
    ("GET", "/v1/experiments", "experiments"),
    ("GET", EXPERIMENT, "experiments"),
    ("PATCH", EXPERIMENT, "experiments"),
    ("DELETE", EXPERIMENT, "experiments"),
    ("POST", f"{EXPERIMENT}/transitions", "experiments"),
    ("GET", f"{EXPERIMENT}/history", "experiments"),
    ("POST", f"{EXPERIMENT}/recount", "experiments"),
    ("GET", "/v1/event-types", "experiments"),
    ("PUT", "/v1/event-types/{type}", "experiments"),
    ("GET", "/v1/event-types/{type}", "experiments"),
    ("DELETE", "/v1/event-types/{type}", "experiments"),
    ("POST", "/v1/tokens", "experiments"),
    ("GET", "/v1/tokens", "experiments"),
    ("DELETE", "/v1/tokens/{id}", "experiments"),
    ("DELETE", "/v1/units/{unit_id}", "experiments"),
    ("PUT", f"{EXPERIMENT}/assignments/{{unit_id}}", "assignments"),
    ("GET", f"{EXPERIMENT}/assignments/{{unit_id}}", "assignments"),
    ("POST", f"{EXPERIMENT}/assignments", "assignments"),
    ("GET", f"{EXPERIMENT}/assignments", "assignments"),
    ("GET", "/v1/units/{unit_id}/assignments", "assignments"),
    ("POST", "/v1/decisions", "assignments"),
    ("POST", "/ofrep/v1/evaluate/flags/{key}", "flags"),
    ("POST", "/ofrep/v1/evaluate/flags", "flags"),
    ("GET", "/api/features/{client_key}", "flags"),
    ("POST", "/v1/events", "events"),
    ("GET", f"{EXPERIMENT}/results", "results"),
    ("GET", f"{EXPERIMENT}/export", "export"),
    ("POST", "/v1/analysis", "results"),
    ("POST", "/v1/power", "results"),
    ("GET", "/v1/health", "site"),
)
# Those that are there only where a parameter of the template says so.
OPTIONAL: tuple[tuple[str, str, str], ...] = (
    ("POST", "/projects/{project}/evaluations/{feature}", "evidently"),
    ("POST", "/projects/{project}/{name}/evaluations/{feature}", "evidently"),
    ("POST", "/projects/{project}/evaluations", "evidently"),
    ("POST", "/projects/{project}/{name}/evaluations", "evidently"),
    ("POST", "/events/projects/{project}", "evidently"),
    ("POST", "/events/projects/{project}/{name}", "evidently"),
)


def methods_of(path: str) -> list[str]:
    """The methods that a path can be called with; none where no route has it that is always there."""
    return sorted({method for method, template, _ in ROUTES if _pattern(template).fullmatch(path)})


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", template))
