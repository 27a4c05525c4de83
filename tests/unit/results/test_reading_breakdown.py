"""Reading sums by value over stores in memory: what is read, how often, and where there are too many values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest

from fairsplit.domain.aggregate import Record, Row, RowKey
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.moments import total
from fairsplit.domain.recount import Recount
from fairsplit.domain.value_sums import MOST_VALUES
from fairsplit.services import reading_units
from fairsplit.services.reading_breakdown import Breakdown, breakdown_of_rows, breakdown_of_units
from fairsplit.services.reading_rows import ATTEMPTS
from fairsplit.services.rolling_up import Rollup
from tests.outcomes import FINE, outcome_of
from tests.unit.aggregation.fake_rows import FakeRows
from tests.unit.making import ENTRY, TODAY, day
from tests.unit.results.fake_reader import FakeReader, units

SEQ_DIGITS = 40


@dataclass
class Shelf:
    """Rows, of which some are moved meanwhile at the first `moving` reads."""

    store: FakeRows = field(default_factory=FakeRows)
    calls: list[str] = field(default_factory=list)
    moving: int = 0
    moves: int = 0

    def rows(self, experiment: str, first_epoch: int, last_day: date | None = None) -> dict[RowKey, Row]:
        self.calls.append("rows")
        self.moves += self.moving > 0
        self.moving -= self.moving > 0
        return self.store.rows(experiment, first_epoch, last_day)

    def compactions(self, experiment: str) -> int:
        self.calls.append("compactions")
        return self.moves

    def heartbeat(self) -> None:
        raise AssertionError("a breakdown has none of its own")

    def snapshots(self, experiment: str, last_day: date) -> list[tuple[date, Any]]:
        raise AssertionError("a breakdown has none")

    def read(self, last: date | None = None, complete_epoch: int = 1) -> Breakdown | None:
        return breakdown_of_rows(self, Recount(experiment="a", complete_epoch=complete_epoch), "country", last)


def people() -> list[Assignment]:
    """Units of two countries and none."""
    countries = ["DE", "FR", None]
    return [replace(one, dimensions={"country": countries[number % 3]}) for number, one in enumerate(units())]


def filled(items: list[Assignment]) -> Shelf:
    """Their rows."""
    shelf = Shelf()
    records = [
        Record(str(number).zfill(SEQ_DIGITS), ENTRY, one.unit_id, "a", None, one) for number, one in enumerate(items, 1)
    ]
    Rollup(shelf.store).apply(records, "shard")
    return shelf


def test_the_count_of_moves_is_read_before_and_after_the_rows() -> None:
    shelf = filled(people())
    shelf.read()
    assert shelf.calls == ["compactions", "rows", "compactions"]


@pytest.mark.parametrize(("moving", "expected"), [(ATTEMPTS - 1, FINE), (ATTEMPTS, "sums_moving")])
def test_sums_that_moved_meanwhile_are_read_again_but_not_for_ever(moving: int, expected: str) -> None:
    shelf = filled(people())
    shelf.moving = moving
    assert outcome_of(shelf.read) == expected


@pytest.mark.parametrize("last", [None, day(2)])
def test_rows_and_units_tell_the_same(last: date | None) -> None:
    from_rows = filled(people()).read(last)
    assert from_rows == breakdown_of_units(FakeReader(items=people()), "a", "country", None, last)
    assert from_rows
    assert set(from_rows[TODAY]) == {'"DE"', "null"}
    assert {name for parts in from_rows.values() for one in parts.values() for name, _, _ in one.sums} == {
        "control",
        "green",
    }


def test_epochs_before_the_complete_one_are_not_read() -> None:
    assert filled(people()).read(complete_epoch=2) == {}


def test_units_whose_item_knows_no_value_and_erased_ones() -> None:
    items = [replace(people()[0], dimensions={}), replace(people()[1], erased=True, dimensions={})]
    found = breakdown_of_units(FakeReader(items=items), "a", "country", None, None)
    assert found
    assert total(one for parts in found.values() for one in parts.values()).units("erased") == 0
    assert {value for parts in found.values() for value in parts} == {"null"}


def test_any_row_that_has_overflowed_makes_the_values_too_many() -> None:
    shelf = filled(people())
    shelf.store.stored[RowKey("a#country", 1, day(3), "other")] = Row(overflow=True)
    assert shelf.read() is None
    assert shelf.read(last=day(2))


@pytest.mark.parametrize(("count", "is_refused"), [(MOST_VALUES, False), (MOST_VALUES + 1, True)])
def test_values_of_all_days_together_may_be_200(count: int, is_refused: bool) -> None:
    items = [
        replace(people()[0], dimensions={"country": number}, assigned_at=ENTRY + timedelta(days=number % 2))
        for number in range(count)
    ]
    assert (filled(items).read() is None) is is_refused
    assert (breakdown_of_units(FakeReader(items=items), "a", "country", None, None) is None) is is_refused


def test_too_many_units_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = FakeReader(items=people())
    monkeypatch.setattr(reading_units, "MOST_UNITS", len(people()) - 1)
    assert outcome_of(lambda: breakdown_of_units(reader, "a", "country", None, None)) == "range_too_large"
