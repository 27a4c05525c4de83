"""DELETE /v1/units/{unit_id}, as far as it is HTTP."""

from __future__ import annotations

import base64

import pytest

from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, create_in

pytestmark = pytest.mark.engine


def written(unit_id: str) -> str:
    """A unit id as it stands in a path."""
    return "~" + base64.urlsafe_b64encode(unit_id.encode()).decode().rstrip("=")


@pytest.mark.parametrize("unit_id", ["u-1", "ünit/?#%2F", " ", "🙂" * 256, "x" * 256])
def test_a_unit_of_any_id_is_erased(gateway: Gateway, unit_id: str) -> None:
    key = create_in(gateway, "active")["key"]
    path = f"{EXPERIMENTS}/{key}/assignments/{written(unit_id)}"
    assert gateway.put(path, token="local-client").body["unit_id"] == unit_id
    assert gateway.delete(f"/v1/units/{written(unit_id)}").status == 204
    assert gateway.get(f"/v1/units/{written(unit_id)}/assignments").body["items"] == []


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("segment", ["~", "~!", "ü", "x" * 129, written("x" * 257), written("a\nb"), "~_w", "a b"])
def test_what_stands_for_no_unit_is_refused(gateway: Gateway, segment: str) -> None:
    answer = gateway.delete(f"/v1/units/{segment}")
    place = ["path", "unit_id"]
    assert (answer.status, answer.code, answer.faults) == (422, "unit_id_invalid", [(place, "unit_id_invalid")])
