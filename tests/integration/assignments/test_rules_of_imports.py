"""What an import refuses: single items by their index, or the whole call, and then nothing of it is stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from fairsplit.domain.timestamps import now, to_text
from tests.gateway import Gateway
from tests.integration.assignments.asking import Asking, Stored
from tests.integration.experiments.making import VARIANTS, create_in

pytestmark = pytest.mark.engine
MILLISECOND = timedelta(milliseconds=1)
REJECTED = [
    ("u", "invalid_type"),
    (None, "invalid_type"),
    ({}, "unit_id_invalid"),
    ({"unit_id": None}, "unit_id_invalid"),
    ({"unit_id": ""}, "unit_id_invalid"),
    ({"unit_id": "x" * 257}, "unit_id_invalid"),
    ({"unit_id": "a\x7fb"}, "unit_id_invalid"),
    ({"unit_id": ["u"]}, "unit_id_invalid"),
    ({"unit_id": "u", "bucket": 5}, "unknown_field"),
    ({"unit_id": "u", "variant": "blue"}, "unknown_variant"),
    ({"unit_id": "u", "variant": 5}, "unknown_variant"),
    ({"unit_id": "u", "variant": ["green"]}, "unknown_variant"),
    ({"unit_id": "u", "variant": ""}, "unknown_variant"),
    ({"unit_id": "u", "assigned_at": "yesterday"}, "assigned_at_invalid"),
    ({"unit_id": "u", "assigned_at": "2026-03-01T12:00:00"}, "assigned_at_invalid"),
    ({"unit_id": "u", "assigned_at": 5}, "assigned_at_invalid"),
    ({"unit_id": "u", "assigned_at": "9999-12-31T23:59:59-01:00"}, "assigned_at_invalid"),
    ({"unit_id": "u", "assigned_at": "2999-01-01T00:00:00Z"}, "assigned_at_in_future"),
    ({"unit_id": "u", "assigned_at": "2020-01-01T00:00:00Z"}, "assigned_at_too_old"),
    ({"unit_id": "u", "attributes": "DE"}, "invalid_type"),
    ({"unit_id": "u", "attributes": {"x": "y" * 8_192}}, "attributes_too_large"),
    ({"unit_id": "qa", "variant": "green"}, "override"),
    ({"unit_id": "u", "attributes": {"country": "FR"}}, "not_targeted"),
]


@pytest.fixture(scope="module")
def key(gateway: Gateway) -> str:
    fields = {"targeting": {"country": {"$ne": "FR"}}, "overrides": {"qa": "green"}}
    return str(create_in(gateway, "active", **fields)["key"])


@pytest.fixture
def unstored(stored: Stored, key: str) -> Iterator[None]:
    """The test stores no assignment."""
    before = stored.units(key)
    yield
    assert stored.units(key) == before


@pytest.fixture
def moment(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """The function's clock stands still at this moment."""
    moment = now()
    monkeypatch.setitem(gateway.globals_of("assignments"), "now", lambda: moment)
    return moment


@pytest.mark.usefixtures("unstored")
@pytest.mark.parametrize(("item", "code"), REJECTED)
def test_an_item_that_breaks_a_rule_is_rejected(asking: Asking, key: str, item: Any, code: str) -> None:
    answer = asking.import_items(key, [item])
    assert answer.status == 200
    (rejection,) = answer.body.pop("rejected")
    assert (rejection["index"], rejection["code"]) == (0, code)
    assert rejection["detail"].endswith(".")
    assert answer.body == {"created": 0, "existing": 0}


def test_each_item_is_judged_on_its_own(asking: Asking, stored: Stored, key: str) -> None:
    sent = [{"unit_id": ""}, {"unit_id": "fine"}, {"unit_id": "bad", "variant": "blue"}, {"unit_id": "fine-too"}]
    answer = asking.import_items(key, sent).body
    assert answer["created"] == 2
    assert [(one["index"], one["code"]) for one in answer["rejected"]] == [
        (0, "unit_id_invalid"),
        (2, "unknown_variant"),
    ]
    assert {"fine", "fine-too"} <= stored.units(key)
    assert "bad" not in stored.units(key)


@pytest.mark.parametrize(
    ("ago", "code"),
    [
        (timedelta(), None),
        (timedelta(days=90), None),
        (-MILLISECOND, "assigned_at_in_future"),
        (timedelta(days=90) + MILLISECOND, "assigned_at_too_old"),
    ],
)
def test_a_unit_may_have_been_assigned_up_to_90_days_ago(
    asking: Asking, key: str, moment: datetime, ago: timedelta, code: str | None
) -> None:
    item = {"unit_id": f"of-{ago}", "assigned_at": to_text(moment - ago)}
    rejected = asking.import_items(key, [item]).body["rejected"]
    assert [one["code"] for one in rejected] == ([code] if code else [])


def test_a_variant_of_its_own_needs_no_coverage_but_the_hashs_does(gateway: Gateway, asking: Asking) -> None:
    key = create_in(gateway, "active", coverage=0)["key"]
    answer = asking.import_items(key, [{"unit_id": "one"}, {"unit_id": "other", "variant": "green"}]).body
    assert [one["code"] for one in answer["rejected"]] == ["not_covered"]
    assert asking.assign(key, "other").body["variant"] == "green"


@pytest.mark.usefixtures("unstored")
@pytest.mark.parametrize("sent", [[], [{"unit_id": "u"}] * 1_001, None, "u", {"unit_id": "u"}], ids=range(5))
def test_none_or_more_than_a_thousand_items_are_refused(asking: Asking, key: str, sent: Any) -> None:
    answer = asking.import_items(key, sent)
    assert (answer.status, answer.faults) == (422, [(["items"], "items_count")])


@pytest.mark.usefixtures("unstored")
def test_a_call_that_breaks_a_rule_is_refused_whole(gateway: Gateway, asking: Asking, key: str) -> None:
    path = f"/v1/experiments/{key}/assignments"
    unknown = gateway.post(path, {"items": [{"unit_id": "u"}], "variant": "green"})
    assert (unknown.status, unknown.faults) == (422, [(["variant"], "unknown_field")])
    assert gateway.post(path, raw=b'{"items": [{"unit_id": "u"}').status == 400
    assert gateway.post(path, raw=b'[{"unit_id": "u"}]').status == 400
    assert gateway.post(path).status == 400
    assert gateway.post(path, {"items": [{"unit_id": "u", "attributes": {"x": "y" * 1_000_000}}]}).status == 413


@pytest.mark.parametrize("status", ["draft", "active", "paused"])
def test_imports_are_taken_before_and_while_an_experiment_runs(gateway: Gateway, asking: Asking, status: str) -> None:
    key = create_in(gateway, status)["key"]
    assert asking.import_items(key, [{"unit_id": "u"}]).body["created"] == 1


@pytest.mark.parametrize("status", ["completed", "archived"])
def test_an_experiment_that_is_over_takes_no_imports(
    gateway: Gateway, asking: Asking, stored: Stored, status: str
) -> None:
    key = create_in(gateway, status, variants=VARIANTS)["key"]
    answer = asking.import_items(key, [{"unit_id": "u"}])
    assert (answer.status, answer.code) == (409, "not_importable")
    assert stored.items(key) == []
