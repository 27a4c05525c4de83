"""Reading results over stores in memory: what is read, how often, and what is added together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.metric import fingerprints
from fairsplit.domain.recount import Recount, RecountState
from fairsplit.domain.timestamps import to_text
from fairsplit.services import reading_units
from fairsplit.services.reading_rows import ATTEMPTS
from tests.outcomes import FINE, outcome_of
from tests.unit.making import ENTRY, TODAY, day, experiment
from tests.unit.results.fake_reader import NOW, SHOP, FakeReader, units

RUNNING = Recount(
    experiment="a",
    epoch=2,
    complete_epoch=1,
    state=RecountState.WALKING,
    reason="metrics_changed",
    requested_at=ENTRY,
    walked=7,
)


@pytest.fixture
def reader() -> FakeReader:
    return FakeReader()


def test_the_count_of_moves_is_read_before_and_after_the_rows(reader: FakeReader) -> None:
    assert reader.results()["source"] == "aggregates"
    assert reader.calls == ["heartbeat", "compactions", "rows", "compactions"]


def test_sums_that_moved_meanwhile_are_read_again(reader: FakeReader) -> None:
    reader.moving = 2
    assert reader.results()["summary"]["units"] == 11
    assert reader.calls == ["heartbeat", *["compactions", "rows", "compactions"] * 3]


@pytest.mark.parametrize(("moving", "expected"), [(ATTEMPTS - 1, FINE), (ATTEMPTS, "sums_moving")])
def test_after_five_moves_the_reader_is_told_to_come_back(reader: FakeReader, moving: int, expected: str) -> None:
    reader.moving = moving
    assert outcome_of(reader.results) == expected
    assert ATTEMPTS == 5


def test_whoever_has_to_come_back_is_told_when() -> None:
    with pytest.raises(ThrottledError) as caught:
        FakeReader(moving=9).results()
    assert caught.value.retry_after == 1


def test_the_epochs_from_the_complete_one_on_are_added_together(reader: FakeReader) -> None:
    """A recount runs: each unit is in one of the two epochs."""
    before = reader.results()
    reader.recount = RUNNING
    reader.items = [replace(item, epoch=1 + number % 2) for number, item in enumerate(reader.items)]
    after = reader.results()
    assert reader.asked[-1] == (1, None)
    assert (after["variants"], after["comparisons"]) == (before["variants"], before["comparisons"])


def test_epochs_before_the_complete_one_are_not_read(reader: FakeReader) -> None:
    reader.recount = Recount(experiment="a", epoch=2, complete_epoch=2)
    assert reader.results()["summary"]["units"] == 0


def test_a_recount_that_runs_shows_how_far_it_is_and_one_that_is_through_shows_nothing(reader: FakeReader) -> None:
    assert reader.results()["summary"]["recount"] is None
    reader.recount = RUNNING
    assert reader.results()["summary"]["recount"] == {
        "state": "walking",
        "reason": "metrics_changed",
        "units_done": 7,
        "requested_at": "2026-03-15T12:00:00.000Z",
    }


def test_to_asks_the_rows_up_to_that_day(reader: FakeReader) -> None:
    answer = reader.results(last=day(2))
    assert reader.asked == [(1, day(2))]
    assert (answer["summary"]["units"], answer["filters"]) == (6, {"to": "2026-03-17"})


def test_from_reads_the_units_of_all_pages(reader: FakeReader) -> None:
    answer = reader.results(first=day(2))
    assert (answer["source"], reader.calls) == ("units", ["heartbeat", "units"])
    assert answer["summary"] | {"units": 11, "events": 7} == answer["summary"]


def test_from_the_first_day_gives_the_same_numbers_as_the_rows(reader: FakeReader) -> None:
    for last in (None, day(3)):
        rows, single = reader.results(last=last, by_day=True), reader.results(first=TODAY, last=last, by_day=True)
        for name in ("variants", "comparisons", "timeseries"):
            assert rows[name] == single[name]


@pytest.mark.parametrize(("most", "expected"), [(11, FINE), (10, "range_too_large")])
def test_more_units_than_can_be_read_are_refused(monkeypatch: pytest.MonkeyPatch, most: int, expected: str) -> None:
    monkeypatch.setattr(reading_units, "MOST_UNITS", most)
    assert outcome_of(lambda: FakeReader().results(first=TODAY)) == expected
    assert outcome_of(FakeReader().results) == FINE


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"metric": "clicks"}, "unknown_metric"),
        ({"variant": "blue"}, "unknown_variant"),
        ({"event_type": "click"}, "unknown_event_type"),
        ({"metric": "aov", "variant": "green", "event_type": "purchase"}, FINE),
    ],
)
def test_what_the_experiment_has_not_cannot_be_asked_for(asked: dict[str, Any], code: str) -> None:
    assert outcome_of(lambda: FakeReader().results(**asked)) == code


def test_an_unknown_experiment_is_not_found() -> None:
    assert outcome_of(FakeReader(experiment=None).results) == "experiment_not_found"


def minutes_ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (FakeReader(), 0),
        (FakeReader(seen_at=minutes_ago(3)), 3),
        (FakeReader(beat=(minutes_ago(2), NOW)), 2),
        (FakeReader(seen_at=minutes_ago(3), beat=(minutes_ago(2), NOW)), 2),
        (FakeReader(seen_at=minutes_ago(2), beat=(minutes_ago(3), NOW)), 2),
        (FakeReader(seen_at=minutes_ago(-1)), 0),
    ],
)
def test_as_of_is_the_newest_that_is_known_to_be_read_and_never_later_than_now(
    reader: FakeReader, expected: float
) -> None:
    assert reader.results()["as_of"] == to_text(minutes_ago(expected))


@pytest.mark.parametrize(
    ("sent", "seen", "lag"),
    [
        (60, 57.5, 2.5),  # it took so long
        (400, 399, 100),  # the next one is due every five minutes
        (300, 300, 0),
        (10, 12, 0),  # clocks differ
    ],
)
def test_lag_is_the_last_heartbeats_way_or_how_long_the_next_is_overdue(sent: float, seen: float, lag: float) -> None:
    beat = (NOW - timedelta(seconds=sent), NOW - timedelta(seconds=seen))
    assert FakeReader(beat=beat).results()["summary"]["lag_seconds"] == lag


def test_without_a_heartbeat_the_lag_is_not_known(reader: FakeReader) -> None:
    assert reader.results()["summary"]["lag_seconds"] is None


@pytest.mark.parametrize(
    ("fields", "asked", "days"),
    [
        ({}, {}, 6),
        ({"started_at": None}, {}, 0),
        ({"started_at": NOW}, {}, 1),
        ({"completed_at": ENTRY + timedelta(days=2)}, {}, 3),
        ({}, {"last": day(3)}, 4),
        ({}, {"last": day(30)}, 6),
        ({}, {"last": day(-1)}, 0),
        ({}, {"first": day(-5)}, 6),
        ({}, {"first": day(4)}, 2),
        ({}, {"first": day(4), "last": day(4)}, 1),
        ({}, {"first": day(9)}, 0),
        ({}, {"first": date.max}, 0),
    ],
)
def test_days_are_those_that_the_answer_covers(fields: dict[str, Any], asked: dict[str, date], days: int) -> None:
    reader = FakeReader(experiment(**{"started_at": ENTRY} | fields), [])
    assert reader.results(**asked)["summary"]["days"] == days


def changed(reader: FakeReader) -> FakeReader:
    """The shop while its orders, and so its ratio, are counted anew."""
    names = fingerprints(SHOP)
    reader.recount = replace(RUNNING, uncounted=frozenset({names["orders"], names["aov"], "of another time"}))
    return reader


def test_a_metric_that_is_recounted_has_no_numbers_and_says_so(reader: FakeReader) -> None:
    answer = changed(reader).results(by_day=True)
    for key, is_null in (("orders", True), ("aov", True), ("revenue", False)):
        numbers = answer["variants"][1]["metrics"][key]
        assert (numbers["sum"] is None) is is_null
        assert ("recounting" in [note["code"] for note in numbers.get("notes", [])]) is is_null
        last = answer["timeseries"][-1]
        assert (last["variants"][1]["metrics"][key]["mean"] is None) is is_null


def test_a_comparison_of_what_is_recounted_is_null_and_takes_no_part_in_its_family(reader: FakeReader) -> None:
    found = {one["metric"]: one for one in changed(reader).results()["comparisons"]}
    orders = found["orders"]
    assert [orders[name] for name in ("p_value", "adjusted_p_value", "significant", "method", "df")] == [None] * 5
    assert orders["absolute"] == {"estimate": None, "ci": None}
    assert [note["code"] for note in orders["notes"]] == ["recounting"]
    assert found["purchased"]["p_value"] is not None


def test_when_the_recount_is_through_everything_has_its_numbers(reader: FakeReader) -> None:
    changed(reader).recount = replace(reader.recount, state=RecountState.DONE)
    assert reader.results()["variants"] == FakeReader().results()["variants"]


def test_units_are_read_once_for_the_whole_and_its_parts() -> None:
    items = [replace(one, dimensions={"country": "DE"}) for one in units()]
    reader = FakeReader(SHOP.model_copy(update={"dimensions": ("country",)}), items)
    answer = reader.results(first=TODAY, dimension="country")
    assert reader.calls.count("units") == 1
    whole = FakeReader(items=items).results(first=TODAY)
    assert (answer["variants"], answer["comparisons"]) == (whole["variants"], whole["comparisons"])
