"""Unit ids of any form, where they stand in paths."""

from __future__ import annotations

import pytest

from tests.gateway import Gateway
from tests.integration.assignments.asking import Asking, Stored, segment_of
from tests.integration.experiments.making import create_in

pytestmark = pytest.mark.engine
IDS = ["u-1", "a.b:c@d-e_f", "x" * 128, "x" * 129, "x" * 256, "ünit/?#%2F", "~", " ", "🙂" * 256, "\u202e", "+", '"\\']
BROKEN = ["~", "~!", "ü", "x" * 129, segment_of("x" * 257), segment_of("a\nb"), segment_of("\x7f"), "~_w", "a b", "~A"]


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> str:
    return str(create_in(gateway, "active")["key"])


@pytest.mark.parametrize("unit_id", IDS)
def test_a_unit_of_any_id_is_assigned_read_and_listed_as_itself(
    asking: Asking, stored: Stored, key: str, unit_id: str
) -> None:
    answer = asking.assign(key, segment_of(unit_id))
    assert (answer.status, answer.body["unit_id"]) == (200, unit_id)
    assert stored.item(key, unit_id)
    assert asking.read(key, segment_of(unit_id)).body["unit_id"] == unit_id
    (item,) = asking.all_items(f"/v1/units/{segment_of(unit_id)}/assignments")
    assert item["unit_id"] == unit_id


@pytest.mark.parametrize("unit_id", ["plain", "p:l.a@i_n-1", "y" * 128])
def test_a_plain_id_is_the_same_unit_in_either_form(asking: Asking, key: str, unit_id: str) -> None:
    first = asking.assign(key, unit_id).body
    assert first["new"]
    asking.start_anew()
    assert asking.assign(key, segment_of(unit_id)).body == first | {"new": False}


@pytest.mark.parametrize("segment", BROKEN)
def test_what_stands_for_no_unit_is_refused(asking: Asking, stored: Stored, key: str, segment: str) -> None:
    before = stored.units(key)
    for answer in (
        asking.assign(key, segment),
        asking.read(key, segment),
        asking.page(f"/v1/units/{segment}/assignments"),
    ):
        assert (answer.status, answer.faults) == (422, [(["path", "unit_id"], "unit_id_invalid")])
    assert stored.units(key) == before
