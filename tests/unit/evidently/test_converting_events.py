"""Evidently's events as ours: which numbers, of whom, when, and under which ids."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.http.evidently.events import CUSTOM, MOST_NUMBERS, Converted, convert_all

KEY = "userDetails.userId"
USER = {"userDetails": {"userId": "ada"}}


def converted(data: Any, key: str = KEY, timestamp: Any = 1_700_000_000) -> Converted:
    (one,) = convert_all([{"type": CUSTOM, "timestamp": timestamp, "data": json.dumps(data)}], key)
    return one


def values(data: Any) -> dict[str, float]:
    return {event["type"]: event["value"] for event in converted(data | USER).events}


def test_numbers_at_any_depth_stand_under_their_paths() -> None:
    data = {"details": {"a": 1, "b": {"c": 2.5}}, "price": 3}
    assert values(data) == {"details.a": 1, "details.b.c": 2.5, "price": 3}


def test_what_no_metric_can_be_made_of_is_left_out() -> None:
    odd = {
        "flag": True,
        "text": "7",
        "none": None,
        "list": [1],
        "at": 1_700_000_000_000,
        "a\nb": 1,
        "n" * 128: 1,
    }
    assert values({"details": {"good": 1, **odd}, "$set": 1}) == {"details.good": 1}


def test_numbers_are_rounded_to_what_is_stored() -> None:
    assert values({"a": 2058.002058, "b": 0.0000001}) == {"a": 2058.0021, "b": 0.0}


@pytest.mark.parametrize("spelt", ["userDetails", "UserDetails", "USERDETAILS"])
@pytest.mark.parametrize("name", ["userId", "userID", "userid"])
def test_the_entity_is_found_however_it_is_spelt(spelt: str, name: str) -> None:
    (event,) = converted({"details": {"a": 1}, spelt: {name: "ada"}}).events
    assert event["unit_id"] == "ada"


def test_the_entity_may_stand_elsewhere_and_be_a_number_that_is_no_event() -> None:
    (event,) = converted({"details": {"a": 1, "session": 42}}, "details.session").events
    assert (event["unit_id"], event["type"]) == ("42", "details.a")


@pytest.mark.parametrize("entity", [None, "", True, 1.5, {}, [], "x" * 257, "a\x00"])
def test_without_an_entity_there_is_no_event(entity: Any) -> None:
    one = converted({"details": {"a": 1}, "userDetails": {"userId": entity}})
    assert (one.events, one.event_id) == ((), "")
    assert one.fault
    assert one.fault.startswith("data.userDetails.userId")


@pytest.mark.parametrize("count", [0, MOST_NUMBERS + 1])
def test_an_event_has_some_numbers_and_not_too_many(count: int) -> None:
    one = converted({"details": {str(number): number for number in range(count)}} | USER)
    assert one.fault
    assert f"it has {count}" in one.fault


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1_700_000_000, "2023-11-14T22:13:20.999Z"),
        (1_700_000_000.0, "2023-11-14T22:13:20.999Z"),
        (1_700_000_000.25, "2023-11-14T22:13:20.250Z"),
    ],
)
def test_a_whole_second_is_taken_for_its_end(seconds: float, text: str) -> None:
    (event,) = converted({"a": 1} | USER, timestamp=seconds).events
    assert event["timestamp"] == text


def test_each_number_has_an_id_of_its_own_and_the_same_each_time() -> None:
    data = {"a": 1, "b": 1} | USER
    first, again = converted(data), converted(data)
    assert first == again
    assert len({event["event_id"] for event in first.events}) == 2


@pytest.mark.parametrize("other", [{"a": 2}, {"b": 1}, {"a": 1, "text": "x"}])
def test_another_content_is_another_event(other: dict[str, Any]) -> None:
    assert converted({"a": 1} | USER).event_id != converted(other | USER).event_id
    assert converted({"a": 1} | USER).event_id != converted({"a": 1} | USER, timestamp=1_700_000_001).event_id


def test_events_that_are_alike_within_a_call_all_count() -> None:
    event = {"type": CUSTOM, "timestamp": 1, "data": json.dumps({"a": 1} | USER)}
    assert len({one.event_id for one in convert_all([event] * 3, KEY)}) == 3


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON, JSON)
def test_anything_is_an_event_or_told_why_not(kind: Any, timestamp: Any, data: Any) -> None:
    for raw in ({"type": kind, "timestamp": timestamp, "data": data}, data):
        (one,) = convert_all([raw], KEY)
        assert bool(one.fault) != bool(one.event_id)
