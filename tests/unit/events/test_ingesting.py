"""Taking in the events of one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fairsplit.domain.errors import InvalidError, ThrottledError
from fairsplit.domain.event import Event
from fairsplit.domain.event_chunks import EventChunk
from fairsplit.services.checking_properties import Schemas
from fairsplit.services.ingesting import Receipt, events_in, ingest
from tests.unit.events.event_making import NOW, few_units_events

GOOD = {"unit_id": "u-1", "type": "purchase", "event_id": "a"}
BAD = {"unit_id": "u-1"}


@dataclass
class FakeStore:
    """Keeps events in memory; throttles what belongs to the units named."""

    throttled_units: frozenset[str] = frozenset()
    events: list[Event] = field(default_factory=list)

    def insert(self, chunks: Sequence[EventChunk], stored_at: datetime) -> list[bool]:
        durable = [chunk.unit_id not in self.throttled_units for chunk in chunks]
        self.events += [event for chunk, kept in zip(chunks, durable, strict=True) if kept for event in chunk.events]
        return durable


@dataclass(frozen=True)
class Kind:
    type: str
    schema: dict[str, Any]
    mode: str


def take_in(raw: list[Any], store: FakeStore | None = None, kinds: Sequence[Kind] = ()) -> Receipt:
    ids = count()
    return ingest(
        raw,
        now=NOW,
        new_id=lambda: f"new-{next(ids)}",
        schemas=Schemas(lambda: kinds, lambda: NOW),
        store=store or FakeStore(),
    )


@given(few_units_events())
def test_every_event_sent_is_stored_once_for_its_unit_and_id(raw: list[dict[str, Any]]) -> None:
    store = FakeStore()
    receipt = take_in(raw, store)
    stored = [(event.unit_id, event.event_id) for event in store.events]
    assert receipt.accepted == len(raw)
    assert len(stored) == len(set(stored))
    assert {(event["unit_id"], event["event_id"]) for event in raw if "event_id" in event} <= set(stored)


@given(few_units_events(), st.frozensets(st.sampled_from(["u-1", "ü 2", "3"])))
def test_what_is_not_stored_is_rejected_and_what_is_stored_is_accepted(
    raw: list[dict[str, Any]], throttled: frozenset[str]
) -> None:
    expected = {index for index, event in enumerate(raw) if event["unit_id"] in throttled}
    assume(len(expected) < len(raw))
    receipt = take_in(raw, FakeStore(throttled))
    assert set(receipt.rejected) == expected
    assert {rejection.code for rejection in receipt.rejected.values()} <= {"throttled"}


def test_when_the_store_throttles_everything_the_caller_is_told_to_come_back() -> None:
    with pytest.raises(ThrottledError) as caught:
        take_in([GOOD, GOOD], FakeStore(frozenset({"u-1"})))
    assert (caught.value.code, caught.value.retry_after) == ("throttled", 1)


def test_the_first_of_a_repeated_id_is_kept() -> None:
    store = FakeStore()
    assert take_in([GOOD | {"value": 1}, GOOD | {"value": 2}], store).accepted == 2
    assert [event.value for event in store.events] == [10_000]


def test_the_same_id_of_two_units_is_two_events() -> None:
    store = FakeStore()
    take_in([GOOD, GOOD | {"unit_id": "u-2"}], store)
    assert len(store.events) == 2


def test_a_bad_event_does_not_keep_the_good_ones_out() -> None:
    receipt = take_in([BAD, GOOD, 7])
    assert receipt.accepted == 1
    assert [(entry["index"], entry["code"]) for entry in receipt.as_json()["rejected"]] == [
        (0, "type_required"),
        (2, "event_invalid"),
    ]


def test_when_all_are_rejected_the_error_names_each() -> None:
    with pytest.raises(InvalidError) as caught:
        take_in([BAD, 7])
    assert caught.value.code == "type_required"
    assert [(fault.loc, fault.code) for fault in caught.value.faults] == [
        (("events", 0), "type_required"),
        (("events", 1), "event_invalid"),
    ]


def test_when_all_are_rejected_not_only_by_throttling_the_error_is_no_throttling() -> None:
    with pytest.raises(InvalidError) as caught:
        take_in([GOOD, BAD], FakeStore(frozenset({"u-1"})))
    assert caught.value.code == "throttled"


def test_a_schema_rejects_in_its_mode_and_warns_in_the_other() -> None:
    schema = {"required": ["sku"]}
    kinds = [Kind("purchase", schema, "reject"), Kind("visit", schema, "warn")]
    visit = {"unit_id": "u-1", "type": "visit"}
    body = take_in([GOOD, visit, visit | {"properties": {"sku": 1}}], kinds=kinds).as_json()
    assert body["accepted"] == 2
    assert [(entry["index"], entry["code"]) for entry in body["rejected"]] == [(0, "schema_mismatch")]
    assert [(entry["index"], entry["code"]) for entry in body["warnings"]] == [(1, "schema_mismatch")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "events_count"),
        ({"foo": 1}, "events_count"),
        ({"events": []}, "events_count"),
        ({"events": [GOOD] * 501}, "events_count"),
        ({"events": {}}, "events_invalid"),
        ({"events": None}, "events_invalid"),
        ({"events": [GOOD], "unit_id": "u"}, "unknown_field"),
    ],
)
def test_a_body_without_one_to_five_hundred_events_is_refused(body: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidError) as caught:
        events_in(body)
    assert caught.value.code == code


@pytest.mark.parametrize("body", [GOOD, {"type": "x"}, {"events": [GOOD] * 500}])
def test_one_event_or_a_list_of_them_is_a_body(body: dict[str, Any]) -> None:
    assert events_in(body) == body.get("events", [body])
