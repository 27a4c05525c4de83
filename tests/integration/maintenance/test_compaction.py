"""Compaction moves sums from shard rows to a base row, and changes none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fairsplit.domain.aggregate import Row, RowKey
from fairsplit.domain.moments import total
from fairsplit.domain.timestamps import now
from fairsplit.services.compacting import compact
from fairsplit.storage.aggregate_items import key_of
from fairsplit.storage.aggregates import Aggregates
from tests.gateway import Gateway
from tests.integration.experiments.making import create_in
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, REVENUE, ask, enter, event, noon, numbers, results, send

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.engine
ENTRY = noon(4)
DAY = timedelta(days=1)
SETTLED = timedelta(minutes=20)
Wait = Callable[[timedelta], None]


@pytest.fixture
def key(gateway: Gateway, pipeline: Pipeline) -> str:
    """An experiment with three units, and events of three days."""
    key = str(create_in(gateway, "active", metrics=[ORDERS, REVENUE])["key"])
    enter(gateway, key, {f"{key}-{number}": "green" for number in range(3)}, ENTRY)
    send(gateway, [event(f"{key}-{number}", ENTRY + number * DAY, value=number + 0.5) for number in range(3)])
    pipeline.drain()
    return key


@dataclass(frozen=True)
class Outdated:
    """The store as it was at a moment, to whoever reads it; writes go to the real one."""

    aggregates: Aggregates
    seen: Mapping[RowKey, Row]

    def rows(self, _experiment: str, _first_epoch: int, _last_day: date | None = None) -> dict[RowKey, Row]:
        return dict(self.seen)

    def move(self, before: Mapping[RowKey, Row | None], after: Mapping[RowKey, Row], at: datetime) -> bool:
        return self.aggregates.move(before, after, at)


def parts(rows: Mapping[RowKey, Row]) -> tuple[dict[RowKey, Row], dict[RowKey, Row]]:
    """Base rows, and shard rows."""
    return (
        {key: row for key, row in rows.items() if key.shard == "base"},
        {key: row for key, row in rows.items() if key.shard != "base"},
    )


def sums(rows: Mapping[RowKey, Row]) -> Any:
    """What rows hold together."""
    return total(row.moments for row in rows.values()), sum(row.steps for row in rows.values())


def test_a_settled_day_moves_into_its_base_row(
    key: str, pipeline: Pipeline, later: Wait, aggregates: Aggregates
) -> None:
    before = aggregates.rows(key, 1)
    later(SETTLED)
    pipeline.maintain()
    bases, shards = parts(aggregates.rows(key, 1))
    assert sums(bases) == sums(before)
    assert {one.day for one in bases} == {one.day for one in before}
    assert not any(row.moments or row.steps for row in shards.values())


def test_an_emptied_row_still_knows_what_it_has_seen(
    key: str, pipeline: Pipeline, later: Wait, aggregates: Aggregates
) -> None:
    before = aggregates.rows(key, 1)
    later(SETTLED)
    pipeline.maintain()
    _, shards = parts(aggregates.rows(key, 1))
    assert {one: row.seq for one, row in shards.items()} == {one: row.seq for one, row in before.items()}
    assert all(row.revision == before[one].revision + 1 for one, row in shards.items())


def test_an_emptied_row_goes_away_72_hours_later_and_a_base_row_never(
    key: str, pipeline: Pipeline, later: Wait, client: DynamoDBClient, tables: dict[str, str], aggregates: Aggregates
) -> None:
    later(SETTLED)
    pipeline.maintain()
    for one in aggregates.rows(key, 1):
        item: Any = client.get_item(TableName=tables["AggregatesTable"], Key=key_of(one))["Item"]
        expiry = int(item["expires_at"]["N"]) if "expires_at" in item else None
        expected = (pipeline.now() + timedelta(hours=72)).timestamp()
        assert expiry is None if one.shard == "base" else expiry == pytest.approx(expected, abs=60)


def test_moves_are_counted(key: str, pipeline: Pipeline, later: Wait, aggregates: Aggregates) -> None:
    assert aggregates.compactions(key) == 0
    later(SETTLED)
    pipeline.maintain()
    assert aggregates.compactions(key) == 3  # a day each
    pipeline.maintain()
    assert aggregates.compactions(key) == 3


def test_results_stay_as_they_are(key: str, gateway: Gateway, pipeline: Pipeline, later: Wait) -> None:
    before = results(gateway, key, group_by="day")
    later(SETTLED)
    pipeline.maintain()
    after = results(gateway, key, group_by="day")
    same = ("variants", "comparisons", "timeseries")
    assert [after[name] for name in same] == [before[name] for name in same]


def test_a_row_that_rollup_still_writes_is_left_alone(key: str, aggregates: Aggregates) -> None:
    before = aggregates.rows(key, 1)
    assert compact(aggregates, key, 1, now() + timedelta(minutes=14)) == 0
    assert aggregates.rows(key, 1) == before
    assert compact(aggregates, key, 1, now() + timedelta(minutes=16)) == 3


def test_a_row_that_was_written_in_between_makes_the_move_lose(
    key: str, gateway: Gateway, pipeline: Pipeline, aggregates: Aggregates
) -> None:
    """The day that nobody wrote moves all the same."""
    outdated: Any = Outdated(aggregates, aggregates.rows(key, 1))
    send(gateway, [event(f"{key}-0", ENTRY), event(f"{key}-0", ENTRY + DAY)])
    pipeline.drain()
    before = aggregates.rows(key, 1)
    assert compact(outdated, key, 1, now() + SETTLED) == 1
    after = aggregates.rows(key, 1)
    written = {one for one, row in before.items() if outdated.seen[one] != row}
    assert len(written) == 2
    assert {one: after[one] for one in written} == {one: before[one] for one in written}
    assert (sums(after), aggregates.compactions(key)) == (sums(before), 1)


def test_what_comes_after_a_move_is_added_once(key: str, gateway: Gateway, pipeline: Pipeline, later: Wait) -> None:
    """Rollup remembers rows as they were before the move."""
    later(SETTLED)
    pipeline.maintain()
    send(gateway, [event(f"{key}-0", ENTRY), event(f"{key}-1", ENTRY + DAY)])
    pipeline.drain()
    assert numbers(results(gateway, key), "green", "orders")["sum"] == 5
    later(SETTLED)
    pipeline.maintain()
    assert numbers(results(gateway, key), "green", "orders")["sum"] == 5


def test_what_is_delivered_again_after_a_move_changes_nothing(
    key: str, pipeline: Pipeline, later: Wait, aggregates: Aggregates
) -> None:
    later(SETTLED)
    pipeline.maintain()
    before = aggregates.rows(key, 1)
    pipeline.deliver_again("RollupFunction")
    assert aggregates.rows(key, 1) == before


def test_a_reader_between_two_rows_of_a_move_reads_again(
    key: str, gateway: Gateway, aggregates: Aggregates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first query sees the shard's row after the move, and the base row before it."""
    read, queries = Aggregates.rows, []

    def torn(self: Aggregates, *arguments: Any) -> dict[RowKey, Row]:
        queries.append(arguments)
        if len(queries) == 1:
            moves: Any = Outdated(aggregates, read(self, *arguments))
            compact(moves, key, 1, now() + SETTLED)
            return parts(read(self, *arguments))[1]
        return read(self, *arguments)

    monkeypatch.setattr(Aggregates, "rows", torn)
    assert numbers(results(gateway, key), "green", "orders")["sum"] == 3
    assert len(queries) == 2


def test_a_reader_gives_up_where_sums_move_at_each_try(
    key: str, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves = iter(range(100))
    monkeypatch.setattr(Aggregates, "compactions", lambda _self, _experiment: next(moves))
    answer = ask(gateway, key)
    assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "sums_moving", "1")
