"""Totals as the JSON that is stored."""

from __future__ import annotations

import json

from hypothesis import given, settings

from fairsplit.domain.event import Event
from fairsplit.domain.folding import fold
from fairsplit.domain.metric import ALL_EVENTS
from fairsplit.domain.totals import NO_TOTALS, MetricTotals, Totals
from tests.unit.making import AOV, CAPPED, ORDERS, REVENUE, VISITS, assignment, day, event, events, experiment

EARLY = ORDERS | {"key": "early", "window_hours": 30}
EVERYTHING = experiment(ORDERS, EARLY, REVENUE, CAPPED, VISITS, AOV)


@settings(max_examples=50)
@given(events())
def test_totals_are_read_back_from_their_json_as_they_were(sent: list[Event]) -> None:
    totals = fold(assignment(), EVERYTHING, sent)
    assert Totals.from_json(json.loads(json.dumps(totals.as_json()))) == totals


def test_a_left_out_unit_and_a_bound_of_0_are_read_back() -> None:
    for totals in (Totals(left_out=True), Totals({"m": MetricTotals("mean", pre=-1, cap=0)}, {"r": ("m", "m")})):
        assert Totals.from_json(totals.as_json()) == totals


def test_the_json_of_totals_is_small() -> None:
    assert NO_TOTALS.as_json() == {"metrics": {}}
    value = fold(assignment(), experiment(ORDERS), [event(1)]).as_json()
    assert value["metrics"][ALL_EVENTS] == {"kind": "count", "days": [[day(0).isoformat(), 1, 0]]}


def test_what_has_a_window_says_so_and_nothing_else_does() -> None:
    bought = [event(1)]
    early = fold(assignment(), experiment(EARLY), bought).as_json()
    assert list(early["windows"].values()) == [2]
    assert "windows" not in fold(assignment(), experiment(ORDERS), bought).as_json()
    assert "windows" not in fold(assignment(), experiment(EARLY), []).as_json()
