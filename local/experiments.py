"""Opening experiments on a running service, each step so that it may be repeated."""

from __future__ import annotations

from typing import Any

from local.http_client import CallError, Service

CONFLICT = 409


def create_or_read(service: Service, definition: dict[str, Any]) -> dict[str, Any]:
    """The new experiment, in draft; or the one that has its key already."""
    try:
        experiment: dict[str, Any] = service.call("admin", "POST", "/v1/experiments", definition)
    except CallError as error:
        if error.status != CONFLICT:
            raise
        experiment = service.call("analyst", "GET", f"/v1/experiments/{definition['key']}")
    return experiment


def activate(service: Service, key: str) -> None:
    """Start the experiment, if it is not started yet: a transition whose answer was lost is no error."""
    try:
        service.call("admin", "POST", f"/v1/experiments/{key}/transitions", {"to": "active"})
    except CallError as error:
        if service.call("analyst", "GET", f"/v1/experiments/{key}")["status"] != "active":
            raise error from None
