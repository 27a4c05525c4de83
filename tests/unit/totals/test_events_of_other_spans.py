"""What one experiment counts does not hang on how far back another reads the unit's events."""

from __future__ import annotations

from dataclasses import replace

from fairsplit.domain.folding import fold
from tests.unit.making import ORDERS, assignment, event, experiment

LONG_AGO = -24 * 40  # hours before the assignment: no experiment's pre-period


def test_an_event_before_the_span_takes_no_later_copys_place() -> None:
    early = replace(event(LONG_AGO), event_id="same")
    copy = replace(event(1), event_id="same")
    counted = fold(assignment(), experiment(ORDERS), [copy])
    assert fold(assignment(), experiment(ORDERS), [early, copy]) == counted
    assert counted.metrics


def test_of_two_copies_in_the_span_the_first_stored_counts() -> None:
    first, second = (replace(event(hours), event_id="same") for hours in (30, 1))
    assert fold(assignment(), experiment(ORDERS), [first, second]) == fold(assignment(), experiment(ORDERS), [first])
