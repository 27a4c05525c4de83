"""Experiments and tokens on a running service, and what it has stored of a unit."""

from __future__ import annotations

import base64
from typing import Any

from local.http_client import Service

EXPERIMENTS = "/v1/experiments"
HALVES = [{"key": "blue", "weight": 50}, {"key": "green", "weight": 50}]


def make(service: Service, key: str, *moves: str, **fields: Any) -> None:
    """An experiment that goes through these transitions; one to `completed=green` names a winner."""
    service.call("admin", "POST", EXPERIMENTS, {"key": key, "name": key, "variants": HALVES} | fields)
    for move in moves:
        to, _, winner = move.partition("=")
        body = {"to": to} | ({"winner": winner} if winner else {})
        service.call("admin", "POST", f"{EXPERIMENTS}/{key}/transitions", body)


def certain(value: Any) -> dict[str, Any]:
    """Variants of which everybody gets the first, `on`, with this value."""
    return {"variants": [{"key": "on", "weight": 100, "value": value}, {"key": "off", "weight": 0}]}


def sdk_token(service: Service) -> str:
    """A token that may stand in the path of the features."""
    secret: str = service.call("admin", "POST", "/v1/tokens", {"name": "pages", "role": "client", "kind": "sdk"})[
        "token"
    ]
    return secret


def stored(service: Service, unit_id: str) -> dict[str, str]:
    """The unit's assignments: experiment → variant."""
    page = service.call("analyst", "GET", f"/v1/units/{in_path(unit_id)}/assignments")
    return {one["experiment"]: one["variant"] for one in page["items"]}


def in_path(unit_id: str) -> str:
    """Any unit id, as it stands in a path."""
    return "~" + base64.urlsafe_b64encode(unit_id.encode()).decode().rstrip("=")
