"""Gathering a call's events into items."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count, pairwise, product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.event import Event
from fairsplit.domain.event_chunks import CHUNK_BYTES, EventChunk, chunk_events, from_row, json_size, to_row
from fairsplit.domain.event_reading import read_event
from fairsplit.domain.timestamps import day_of
from tests.unit.events.event_making import NOW, few_units_events, raw_events


def events_of(raw: list[dict[str, Any]]) -> list[Event]:
    ids = count()
    read = [read_event(event, NOW, lambda: f"new-{next(ids)}") for event in raw]
    return [event for event in read if isinstance(event, Event)]


@given(raw_events())
def test_a_stored_row_reads_back_as_the_event(raw: dict[str, Any]) -> None:
    (event,) = events_of([raw])
    assert from_row(event.unit_id, json.loads(json.dumps(to_row(event)))) == event


@given(few_units_events())
def test_chunking_loses_and_adds_nothing_and_keeps_the_order_of_exposures_and_of_others(
    raw: list[dict[str, Any]],
) -> None:
    events = events_of(raw)
    chunked = [event for chunk in chunk_events(events) for event in chunk.events]
    places = {(event.unit_id, day_of(event.timestamp)) for event in events}
    for place, is_exposure in product(places, (True, False)):
        expected = [event for event in _at(place, events) if event.is_exposure is is_exposure]
        assert [event for event in _at(place, chunked) if event.is_exposure is is_exposure] == expected
    assert len(chunked) == len(events)


@given(few_units_events())
def test_a_chunk_is_of_one_unit_and_day_and_stays_below_its_limit(raw: list[dict[str, Any]]) -> None:
    for chunk in chunk_events(events_of(raw)):
        assert {(event.unit_id, day_of(event.timestamp)) for event in chunk.events} == {(chunk.unit_id, chunk.day)}
        assert json_size(chunk.rows()) < CHUNK_BYTES


@given(few_units_events())
def test_a_chunk_holds_exposures_or_others_and_never_both(raw: list[dict[str, Any]]) -> None:
    for chunk in chunk_events(events_of(raw)):
        assert {event.is_exposure for event in chunk.events} == {chunk.holds_exposures}


@given(few_units_events())
def test_other_events_are_chunked_as_if_there_were_no_exposures(raw: list[dict[str, Any]]) -> None:
    events = events_of(raw)
    others = chunk_events(event for event in events if not event.is_exposure)
    assert [chunk for chunk in chunk_events(events) if not chunk.holds_exposures] == others


@given(st.lists(st.integers(1, 8_000), min_size=1, max_size=60))
def test_chunks_of_a_unit_and_day_are_as_full_as_they_can_be(sizes: list[int]) -> None:
    events = [Event(f"e-{index}", "u", "t", NOW, None, {"x": "y" * size}) for index, size in enumerate(sizes)]
    chunks = chunk_events(events)
    for one, following in pairwise(chunks):
        assert json_size([*one.rows(), following.rows()[0]]) >= CHUNK_BYTES - 1


@given(few_units_events())
def test_the_same_events_give_the_same_chunks(raw: list[dict[str, Any]]) -> None:
    assert chunk_events(events_of(raw)) == chunk_events(events_of(raw))


@given(st.permutations(["a", "b", "c"]), st.integers(), st.integers(0, 3600))
def test_the_digest_depends_on_the_ids_alone(ids: list[str], value: int, seconds: int) -> None:
    other = [Event(event_id, "u", "t", NOW - timedelta(seconds=seconds), value, {"x": value}) for event_id in ids]
    plain = [Event(event_id, "u", "visit", NOW) for event_id in "abc"]
    assert EventChunk("u", NOW.date(), tuple(other)).digest == EventChunk("u", NOW.date(), tuple(plain)).digest


@given(st.lists(st.text("ab,\"'[]\\ ", max_size=4), unique=True, max_size=3), st.data())
def test_other_ids_give_another_digest(ids: list[str], data: st.DataObject) -> None:
    others = data.draw(st.lists(st.text("ab,\"'[]\\ ", max_size=4), unique=True, max_size=3))
    assert (_digest(ids) == _digest(others)) == (sorted(ids) == sorted(others))


def _digest(ids: list[str]) -> str:
    return EventChunk("u", NOW.date(), tuple(Event(event_id, "u", "t", NOW) for event_id in ids)).digest


def _at(place: tuple[str, Any], events: list[Event]) -> list[Event]:
    return [event for event in events if (event.unit_id, day_of(event.timestamp)) == place]
