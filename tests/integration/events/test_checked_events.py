"""Schemas of event types at ingestion: one mode rejects, the other warns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fairsplit.domain.timestamps import now
from tests.gateway import Gateway
from tests.integration.events.sending import Sender, fresh_unit, purchase, refusals
from tests.integration.events.stored import Stored

pytestmark = pytest.mark.engine
SCHEMA = {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]}


@pytest.fixture(scope="module", autouse=True)
def _types(gateway: Gateway, sender: Sender) -> None:
    """Two types with a schema, one for each mode, which the function reads as it starts."""
    for mode in ("reject", "warn"):
        assert gateway.put(f"/v1/event-types/{mode}", {"schema": SCHEMA, "mode": mode}).status == 200
    gateway.handlers.pop("events")


def event(event_type: str, sku: Any = "a1", **fields: Any) -> dict[str, Any]:
    return purchase(type=event_type, properties={"sku": sku}, **fields)


def test_what_breaks_a_schema_that_rejects_is_rejected_and_not_stored(sender: Sender, stored: Stored) -> None:
    good, bad = fresh_unit(), fresh_unit()
    answer = sender.post({"events": [event("reject", 5, unit_id=bad), event("reject", unit_id=good)]})
    assert (answer.status, answer.body["accepted"], refusals(answer)) == (202, 1, [(0, "schema_mismatch")])
    assert (len(stored.events(bad)), len(stored.events(good))) == (0, 1)


def test_when_all_break_the_schema_the_call_is_refused(sender: Sender) -> None:
    answer = sender.post(event("reject", 5))
    assert (answer.status, answer.faults) == (422, [(["events", 0], "schema_mismatch")])


def test_what_breaks_a_schema_that_warns_is_stored_with_a_warning(sender: Sender, stored: Stored) -> None:
    unit = fresh_unit()
    answer = sender.post({"events": [event("warn", unit_id=unit), event("warn", 5, unit_id=unit)]})
    assert (answer.status, answer.body["accepted"], answer.body["rejected"]) == (202, 2, [])
    assert [(one["index"], one["code"]) for one in answer.body["warnings"]] == [(1, "schema_mismatch")]
    assert len(stored.events(unit)) == 2


def test_the_detail_names_the_place_and_shows_nothing_of_the_value(sender: Sender) -> None:
    answer = sender.post({"events": [event("reject", ["swordfish"]), event("reject")]})
    (rejection,) = answer.body["rejected"]
    assert "properties.sku" in rejection["detail"]
    assert "swordfish" not in rejection["detail"]


def test_a_type_without_a_schema_is_not_checked(sender: Sender) -> None:
    assert sender.post(event("other", 5)).body == {"accepted": 1, "rejected": []}


def test_an_event_that_breaks_a_rule_of_ours_is_not_asked_for_its_schema(sender: Sender) -> None:
    assert sender.post(event("reject", 5, value="x")).code == "value_invalid"


def test_a_schema_is_asked_for_and_forgotten_within_five_seconds(
    sender: Sender, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.put("/v1/event-types/taken-back", {"schema": SCHEMA})
    schemas = sender.gateway.globals_of("events")["schemas"]
    for shift, status in ((timedelta(), 422), (timedelta(seconds=5, milliseconds=1), 202)):
        monkeypatch.setattr(schemas, "_clock", lambda shift=shift: now() + timedelta(minutes=1) + shift)
        assert sender.post(event("taken-back", 5)).status == status
        gateway.delete("/v1/event-types/taken-back")
