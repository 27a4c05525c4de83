"""Reading one event."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.event import Event
from fairsplit.domain.event_reading import Rejection, read_event
from fairsplit.domain.timestamps import from_text, to_text
from tests.unit.events.event_making import NOW, json_values, raw_events, ten_thousandths, texts

PURCHASE = {"unit_id": "u-1", "type": "purchase"}
EXPOSURE: dict[str, Any] = {
    "unit_id": "u-1",
    "type": "$exposure",
    "properties": {"experiment": "a", "variant": "green"},
}


def read(raw: object) -> Event:
    event = read_event(raw, NOW, lambda: "new")
    assert isinstance(event, Event), event
    return event


def code_of(raw: object) -> str:
    rejection = read_event(raw, NOW, lambda: "new")
    assert isinstance(rejection, Rejection), rejection
    return rejection.code


def id_of(**fields: Any) -> str:
    return read(PURCHASE | fields).event_id


@given(raw_events())
def test_every_valid_event_is_read_as_it_was_sent(raw: dict[str, Any]) -> None:
    event = read(json.loads(json.dumps(raw)))
    assert (event.unit_id, event.type) == (raw["unit_id"], raw["type"])
    assert event.properties == raw.get("properties", {})
    assert event.timestamp == (from_text(raw["timestamp"]) if "timestamp" in raw else NOW)
    assert event.event_id == raw.get("event_id", event.event_id)


@given(ten_thousandths)
def test_values_of_four_decimals_are_held_exactly(number: int) -> None:
    sent = json.loads(format(Decimal(number) / 10_000, "f"))
    assert read(PURCHASE | {"value": sent}).value == number


@given(json_values | st.dictionaries(st.sampled_from([*PURCHASE, "event_id", "timestamp", "value"]), json_values))
def test_any_json_is_an_event_or_a_rejection_with_a_code_and_a_sentence(raw: object) -> None:
    answer = read_event(raw, NOW, lambda: "new")
    assert isinstance(answer, Event) or (answer.code and answer.detail.endswith("."))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"unit_id": None}, "unit_id_required"),
        ({"unit_id": ""}, "unit_id_invalid"),
        ({"unit_id": "x" * 257}, "unit_id_invalid"),
        ({"unit_id": 7}, "unit_id_invalid"),
        ({"unit_id": "a\nb"}, "unit_id_invalid"),
        ({"unit_id": "\x85"}, "unit_id_invalid"),
        ({"unit_id": "\ud800"}, "unit_id_invalid"),
        ({"type": None}, "type_required"),
        ({"type": ""}, "type_invalid"),
        ({"type": "x" * 129}, "type_invalid"),
        ({"type": "$"}, "type_reserved"),
        ({"type": "$Exposure"}, "type_reserved"),
        ({"type": "$exposure"}, "exposure_invalid"),
        ({"event_id": ""}, "event_id_invalid"),
        ({"event_id": "x" * 129}, "event_id_invalid"),
        ({"event_id": 1}, "event_id_invalid"),
        ({"timestamp": "2026-03-01T12:05:00.001Z"}, "timestamp_in_future"),
        ({"timestamp": "2025-12-01T11:59:59.999Z"}, "timestamp_too_old"),
        ({"timestamp": "yesterday"}, "timestamp_invalid"),
        ({"timestamp": "2026-03-01T12:00:00"}, "timestamp_invalid"),
        ({"timestamp": "2026-W09-7T12:00:00Z"}, "timestamp_invalid"),
        ({"timestamp": "2026-02-30T12:00:00Z"}, "timestamp_invalid"),
        ({"timestamp": "0001-01-01T00:00:00+23:59"}, "timestamp_invalid"),
        ({"timestamp": 1772366400}, "timestamp_invalid"),
        ({"value": True}, "value_invalid"),
        ({"value": "19.9"}, "value_invalid"),
        ({"value": 1e9 + 0.0001}, "value_out_of_range"),
        ({"value": -(10**400)}, "value_out_of_range"),
        ({"value": float("nan")}, "value_out_of_range"),
        ({"value": 0.00001}, "value_too_precise"),
        ({"value": 0.1 + 0.2}, "value_too_precise"),
        ({"value": 5e-324}, "value_too_precise"),
        ({"properties": []}, "properties_invalid"),
        ({"properties": {"a": "\udfff"}}, "properties_invalid"),
        ({"properties": {"a": "é" * 4093}}, "properties_too_large"),
        ({"price": 1}, "unknown_field"),
    ],
)
def test_a_broken_rule_is_named(change: dict[str, Any], code: str) -> None:
    assert code_of(PURCHASE | change) == code


@pytest.mark.parametrize(
    "properties",
    [
        {"variant": "green"},
        {"experiment": "a"},
        {"experiment": "a", "variant": None},
        {"experiment": "A", "variant": "green"},
        {"experiment": "a\n", "variant": "green"},
        {"experiment": "x" * 65, "variant": "green"},
        {"experiment": ["a"], "variant": "green"},
        {"experiment": "a", "variant": "green", "attributes": []},
        {"experiment": "a", "variant": "green", "attributes": "DE"},
    ],
)
def test_an_exposure_names_an_experiment_and_a_variant(properties: dict[str, Any]) -> None:
    assert code_of(EXPOSURE | {"properties": properties}) == "exposure_invalid"


@pytest.mark.parametrize("more", [{}, {"attributes": None}, {"attributes": {"country": "DE"}}, {"page": 1}])
def test_whatever_else_an_exposure_says_is_kept(more: dict[str, Any]) -> None:
    event = read(EXPOSURE | {"properties": EXPOSURE["properties"] | more})
    assert (event.is_exposure, event.properties) == (True, EXPOSURE["properties"] | more)


@pytest.mark.parametrize("raw", [None, [], "event", 1, True])
def test_what_is_no_object_is_no_event(raw: object) -> None:
    assert code_of(raw) == "event_invalid"


@pytest.mark.parametrize(
    "change",
    [
        {"unit_id": "𝕌" * 256},
        {"unit_id": "a/b?c#d e"},
        {"value": -1e9},
        {"value": 1e9},
        {"value": -0.0},
        {"value": 1e-4},
        {"timestamp": "2025-12-01T12:00:00Z"},
        {"properties": {"a": "é" * 4092}},
        {"event_id": None, "timestamp": None, "value": None, "properties": None},
    ],
)
def test_the_limits_themselves_are_taken(change: dict[str, Any]) -> None:
    assert read(PURCHASE | change).type == "purchase"


@given(st.timedeltas(timedelta(), timedelta(minutes=5)))
def test_up_to_five_minutes_ahead_is_taken_as_now(ahead: timedelta) -> None:
    assert read(PURCHASE | {"timestamp": to_text(NOW + ahead)}).timestamp == NOW


@pytest.mark.parametrize(
    "same", ["2026-03-01T11:00:00.500Z", "2026-03-01t12:00:00.5+01:00", "2026-03-01T11:00:00.50000z"]
)
def test_the_same_moment_written_otherwise_gives_the_same_derived_id(same: str) -> None:
    assert id_of(timestamp=same, value=1) == id_of(timestamp="2026-03-01T11:00:00.5Z", value=1.0)


@pytest.mark.parametrize(
    "other",
    [
        {"timestamp": "2026-03-01T11:00:00.000000001Z"},
        {"unit_id": "u-2"},
        {"type": "visit"},
        {"value": 2},
        {"value": None},
        {"properties": {"sku": "b"}},
    ],
)
def test_other_content_gives_another_derived_id(other: dict[str, Any]) -> None:
    content = {"timestamp": "2026-03-01T11:00:00Z", "value": 1, "properties": {"sku": "a"}}
    assert id_of(**content) != id_of(**(content | other))


@given(raw_events(), st.timedeltas(timedelta(), timedelta(minutes=4)))
def test_a_derived_id_does_not_depend_on_the_clock(raw: dict[str, Any], later: timedelta) -> None:
    raw = raw | {"timestamp": to_text(NOW), "event_id": None}
    assert _id_at(raw, NOW - timedelta(minutes=2)) == _id_at(raw, NOW + later)


def test_without_id_and_timestamp_the_id_is_new() -> None:
    assert id_of(value=1) == "new"


@given(texts(128))
def test_a_given_id_is_kept(event_id: str) -> None:
    assert id_of(event_id=event_id) == event_id


def _id_at(raw: dict[str, Any], now: datetime) -> str:
    event = read_event(raw, now, lambda: "new")
    assert isinstance(event, Event)
    return event.event_id
