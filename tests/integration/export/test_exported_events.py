"""GET .../export?what=events: each raw event that can matter to an experiment, once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from fairsplit.domain.event import Event
from fairsplit.domain.event_chunks import chunk_events
from fairsplit.domain.timestamps import now
from fairsplit.storage.events import NewEvents
from fairsplit.storage.keys import index_shard
from tests.counting import counted
from tests.gateway import Gateway
from tests.integration.experiments.making import create_in, move
from tests.integration.export.exporting import Exports
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, event, noon, send

pytestmark = pytest.mark.engine
ENTRY = noon(3)
NASTY = ['=cmd|"/c calc"!A1', 'quote " and, comma', "emoji 🎈", "-5"]


def enter_with_events(gateway: Gateway, events: dict[str, int]) -> str:
    """The key of an experiment whose units have so many events each."""
    key = str(create_in(gateway, "active", metrics=[ORDERS])["key"])
    enter(gateway, key, {f"{key}-{unit}": "green" for unit in events}, ENTRY)
    sent = [
        event(f"{key}-{unit}", ENTRY + timedelta(minutes=number), event_id=f"{unit}-{number}")
        for unit, many in events.items()
        for number in range(many)
    ]
    for start in range(0, len(sent), 500):
        send(gateway, sent[start : start + 500])
    return key


@pytest.mark.parametrize("limit", [1, 7, 1_000])
def test_pages_join_to_every_event_once_and_in_order(gateway: Gateway, exports: Exports, limit: int) -> None:
    key = enter_with_events(gateway, {"a": 0, "b": 1, "c": 16, "d": 3, "e": 0})
    rows = exports.rows(key, "events", limit=limit)
    ids = [row["event_id"] for row in rows]
    assert sorted(ids) == sorted([f"{unit}-{n}" for unit, many in (("b", 1), ("c", 16), ("d", 3)) for n in range(many)])
    assert [one for one in ids if one.startswith("c")] == [f"c-{number}" for number in range(16)]


def test_cells_are_the_very_values(gateway: Gateway, exports: Exports) -> None:
    key = enter_with_events(gateway, {"a": 0})
    sent: list[dict[str, Any]] = [
        event(f"{key}-a", ENTRY, value=-0.5, event_id=text, properties={"text": f"{text}\n", "list": [1.0, None]})
        for text in NASTY
    ]
    send(gateway, sent)
    rows = exports.rows(key, "events", raw="true")
    assert {row["event_id"] for row in rows} == set(NASTY)
    for row in rows:
        assert (row["value"], row["type"]) == ("-0.5", "purchase")
        assert json.loads(row["properties"]) == {"text": f"{row['event_id']}\n", "list": [1.0, None]}
    safe = {row["event_id"] for row in exports.rows(key, "events")}
    assert safe == {f"'{NASTY[0]}", *NASTY[1:]}


def test_an_id_that_came_twice_stands_once_and_what_does_not_matter_not_at_all(
    gateway: Gateway, exports: Exports
) -> None:
    key = enter_with_events(gateway, {"a": 1})
    for at in (ENTRY + timedelta(hours=1), ENTRY - timedelta(days=40)):
        send(gateway, [event(f"{key}-a", at, event_id="a-0"), event(f"{key}-a", at)])
    assert len(exports.rows(key, "events")) == 2
    move(gateway, key, "completed")
    assert len(exports.rows(key, "events")) == 2


def test_what_comes_between_pages_moves_no_other(gateway: Gateway, exports: Exports) -> None:
    key = enter_with_events(gateway, {"m": 3, "z": 3})
    unit = f"{key}-m"
    for number in range(3, 7):
        send(gateway, [event(unit, ENTRY, event_id=f"m-{number}")])
    there = [row["event_id"] for row in exports.rows(key, "events")]
    found: list[str] = []
    for number, page in enumerate(exports.pages(key, "events", limit=2)):
        found += [row["event_id"] for row in page]
        if number > 8:  # else it would never end
            continue
        ahead = beside(key, unit, f"{key}-a{number}")
        enter(gateway, key, {ahead: "green"}, ENTRY)
        send(gateway, [event(one, ENTRY) for one in (ahead, ahead, unit)])
        store_late(gateway, Event(f"late-{number}", unit, "purchase", ENTRY))
    assert [one for one in found if one in there] == there


def beside(experiment: str, unit_id: str, beginning: str) -> str:
    """Another unit id with that beginning, in the same part of the index."""
    part = index_shard(experiment, unit_id)
    return next(one for one in (f"{beginning}-{n}" for n in range(1_000)) if index_shard(experiment, one) == part)


def store_late(gateway: Gateway, one: Event) -> None:
    """Store an event as a function does whose clock is an hour behind: ahead of all that are there."""
    function = gateway.globals_of("export")
    events = NewEvents(function["client"], function["unit_events"].table, 480)
    assert events.insert(chunk_events([one]), now() - timedelta(hours=1)) == [True]


def test_exposures_are_events(gateway: Gateway, exports: Exports, pipeline: Pipeline) -> None:
    key = enter_with_events(gateway, {"a": 0})
    met = {"experiment": key, "variant": "green"}
    send(gateway, [event(f"{key}-a", ENTRY + timedelta(hours=1), kind="$exposure", properties=met)])
    assert [row["type"] for row in exports.rows(key, "events")] == ["$exposure"]


def test_a_page_looks_at_200_units_at_most_and_may_be_empty(gateway: Gateway, exports: Exports) -> None:
    key = enter_with_events(gateway, {str(number): 0 for number in range(450)})
    exports.page(key, what="events")
    with counted(gateway.globals_of("export")["client"]) as counts:
        pages = list(exports.pages(key, "events"))
    assert [len(page) for page in pages] == [0, 0, 0]
    assert counts.calls["Query"] <= 450 + 3 * 32 + 16


def test_pages_end_where_an_answer_would_be_too_large(gateway: Gateway, exports: Exports) -> None:
    key = enter_with_events(gateway, {"a": 0})
    large = {"text": "ü" * 3_000}
    for start in range(0, 900, 30):
        events = [event(f"{key}-a", ENTRY, event_id=f"{start + one}", properties=large) for one in range(30)]
        send(gateway, events)
    pages = list(exports.pages(key, "events"))
    assert len(pages) > 1
    assert sorted(int(row["event_id"]) for page in pages for row in page) == list(range(900))
