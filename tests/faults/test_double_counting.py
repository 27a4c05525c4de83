"""The guards of rows: nothing is added twice, moved away from under a reader, or lost. Without its guard, each is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from fairsplit.domain.aggregate import Change, Row
from fairsplit.domain.moments import total
from fairsplit.services import compacting
from fairsplit.services.rolling_up import Rollup
from fairsplit.storage import aggregates as aggregates_module
from fairsplit.storage.aggregates import Aggregates
from tests.faults.interleaving import before_call
from tests.faults.scene import KEY, Scene

pytestmark = pytest.mark.engine
GUARDED = [(True, 1), (False, 2)]


def add_everything(row: Row, changes: Iterable[Change]) -> Row:
    """`Row.with_all` without its look at `seq`."""
    fresh = list(changes)
    moments = row.moments + total(one.moments for one in fresh)
    return replace(row, moments=moments, seq=fresh[-1].seq, revision=row.revision + 1, seen_at=fresh[-1].at)


@pytest.mark.parametrize(("is_guarded", "units"), GUARDED)
def test_what_is_delivered_again_is_not_added_again(
    stage: Scene, monkeypatch: pytest.MonkeyPatch, is_guarded: bool, units: int
) -> None:
    stage.roll_up()
    if not is_guarded:
        monkeypatch.setattr(Row, "with_all", add_everything)
    stage.roll_up()
    assert stage.units() == units


@pytest.mark.parametrize(("is_guarded", "units"), GUARDED)
def test_a_rollup_that_read_before_a_compaction_does_not_write_what_was_moved(
    stage: Scene, monkeypatch: pytest.MonkeyPatch, is_guarded: bool, units: int
) -> None:
    rollup = Rollup(stage.aggregates)
    stage.roll_up(rollup)  # it remembers the row that it wrote
    stage.compact()
    stage.sell_and_fold(2)
    if not is_guarded:
        monkeypatch.setattr(aggregates_module, "guard", guard_by_seq_alone)
    stage.roll_up(rollup)
    assert stage.units() == units


def guard_by_seq_alone(read: Row | None) -> dict[str, Any]:
    if read is None:
        return {"ConditionExpression": "attribute_not_exists(row_key)"}
    return {"ConditionExpression": "seq = :seq", "ExpressionAttributeValues": {":seq": {"S": read.seq}}}


@pytest.mark.parametrize(("is_guarded", "units"), GUARDED)
def test_a_compaction_leaves_behind_what_its_rows_have_seen(
    stage: Scene, monkeypatch: pytest.MonkeyPatch, is_guarded: bool, units: int
) -> None:
    stage.roll_up()
    emptied = compacting._emptied
    if not is_guarded:
        monkeypatch.setattr(
            compacting,
            "_emptied",
            lambda *how: {key: replace(row, seq="") for key, row in emptied(*how).items()},
        )
    stage.compact()
    stage.roll_up()
    assert stage.units() == units


@pytest.mark.parametrize(("is_guarded", "events"), [(True, 2), (False, 1)])
def test_a_compaction_between_two_pages_of_a_reader_takes_nothing_away_from_it(
    stage: Scene, monkeypatch: pytest.MonkeyPatch, is_guarded: bool, events: int
) -> None:
    stage.roll_up()
    stage.compact()
    stage.sell_and_fold(2)
    stage.roll_up()
    client = stage.world.faulty  # the handlers'
    client.meta.events.register("provide-client-params.dynamodb.Query", one_row_a_page(stage))
    if not is_guarded:
        monkeypatch.setattr(Aggregates, "compactions", lambda *_: 0)
    second_page = 3  # the first query is that of the experiment
    with before_call(client, "Query", second_page, stage.compact):
        answer = stage.world.process.gateway.get(f"/v1/experiments/{KEY}/results")
    assert answer.body["summary"]["events"] == events


def one_row_a_page(stage: Scene) -> Any:
    """What makes each query of Aggregates end after its first row."""

    def cut(params: dict[str, Any], **_: Any) -> None:
        if params["TableName"] == stage.tables["AggregatesTable"]:
            params["Limit"] = 1

    return cut
