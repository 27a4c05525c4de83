"""Which events are exported: those that the fold takes, and no copies of theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.event import Event
from fairsplit.domain.export.events import that_matter
from tests.unit.making import ENTRY, ORDERS, assignment, event, events, experiment, exposure, folded, totals_of

SHOP = experiment(ORDERS, completed_at=ENTRY + timedelta(days=3))
PRE_PERIOD = -14 * 24  # hours
END = 3 * 24


def exported(sent: list[Event]) -> list[Event]:
    places = [(f"{number:05}", one) for number, one in enumerate(sent)]
    found = that_matter(assignment(), SHOP, places)
    assert found == [(place, one) for place, one in places if (place, one) in found]
    return [one for _, one in found]


@given(events(), st.none() | st.integers(-20 * 24, 5 * 24))
def test_totals_are_those_of_the_exported_events(sent: list[Event], met: int | None) -> None:
    sent = sent if met is None else [*sent, exposure(met)]
    found, entry = exported(sent), folded(SHOP, sent).entered_at
    told = totals_of(SHOP, "orders", sent)
    bought = [one.timestamp for one in found if one.type == "purchase"]
    assert sum(day.events for day in told.days) == sum(moment >= entry for moment in bought)
    assert told.pre == 10_000 * sum(moment < entry for moment in bought)
    assert len({one.event_id for one in found}) == len(found)


@pytest.mark.parametrize("hours", [PRE_PERIOD - 1, END + 1])
def test_a_copy_that_does_not_count_takes_no_others_place(hours: float) -> None:
    counts = event(1, event_id="same")
    assert exported([event(hours, event_id="same"), counts, event(2, event_id="same")]) == [counts]


def test_the_pre_period_ends_before_an_exposure_that_came_before_the_assignment() -> None:
    early = event(PRE_PERIOD - 1)
    assert exported([early]) == []
    assert exported([early, met := exposure(-2)]) == [early, met]
