"""Maintenance: which tasks a round has, in which order, and what each of them asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fairsplit.domain.aggregate import ALL_EXPERIMENTS, BASE, Mark, Row, RowKey
from fairsplit.domain.job import Job, JobKind
from fairsplit.domain.moments import UNITS, Moments
from fairsplit.domain.recount import RecountState
from fairsplit.services.maintaining import CHECK
from tests.unit.aggregation.fake_units import NOW, attribution
from tests.unit.aggregation.maintenance_round import DONE, Round
from tests.unit.making import ENTRY, ORDERS, TODAY, event, experiment

JOB = Job(JobKind.ERASE_UNIT, "gone", NOW)


@pytest.fixture
def round_() -> Round:
    return Round()


def test_schedules_come_first_then_promised_work_and_then_task_by_task_all_experiments(round_: Round) -> None:
    round_.jobs.jobs = [JOB]
    round_.experiments.append(experiment(key="b"))
    kinds = ["recount", "compaction", "daily check"]
    rest = [f"{kind} of {key}" for kind in kinds for key in "ab"]
    job = "erase_unit requested at 2026-03-20T12:00:00.000Z"
    assert round_.names() == ["schedule of a", "schedule of b", job, "marks", *rest]


def test_no_name_of_a_task_tells_a_unit(round_: Round) -> None:
    round_.jobs.jobs = [JOB]
    assert not any(JOB.subject in name for name in round_.names())


def test_a_task_that_fails_leaves_the_others_untouched(round_: Round) -> None:
    round_.desk.refused = {"b"}
    over = {"schedule": {"end_at": ENTRY}}
    round_.experiments = [experiment(key=key, **over) for key in "bc"]
    assert round_.run() == ["schedule of b"]
    assert round_.desk.asked == [("c", "completed")]


def test_no_task_is_begun_without_time(round_: Round) -> None:
    times = iter([True, True])
    round_.has_time = lambda: next(times, False)
    assert round_.names() == ["schedule of a", "marks", "recount of a"]


@pytest.mark.parametrize("days", [89, 91])
def test_what_is_sealed_is_left_alone_and_what_is_archived_is_not(round_: Round, days: int) -> None:
    over = {"status": "archived", "completed_at": NOW - timedelta(days=days)}
    round_.experiments = [experiment(**over)]
    assert len(round_.names()) == (1 + 4 if days < 90 else 1)


def test_an_unreadable_record_makes_a_recount_and_its_mark_goes(round_: Round) -> None:
    round_.world.rows.mark_for_recount("a", "unreadable_record", NOW)
    round_.run()
    assert round_.desk.asked == [("a", "unreadable_record")]
    assert round_.world.rows.marks == {}


def test_a_mark_stays_where_the_recount_is_refused(round_: Round) -> None:
    round_.desk.refused = {"a"}
    round_.world.rows.mark_for_recount("a", "unreadable_record", NOW)
    assert round_.run() == ["recount of a"]
    assert round_.world.rows.marks == {"a": Mark("unreadable_record", NOW)}


def test_a_mark_of_all_experiments_makes_a_recount_of_each(round_: Round) -> None:
    round_.experiments.append(experiment(key="b", epoch=2))
    round_.world.rows.mark_for_recount(ALL_EXPERIMENTS, "lag", NOW)
    round_.run()
    assert round_.desk.asked == [("a", "lag"), ("b", "lag")]
    assert round_.world.rows.marks == {}
    assert round_.told == [("lag", {"since": "2026-03-20T12:00:00.000Z"})]


def test_the_mark_of_a_draft_waits_for_its_start(round_: Round) -> None:
    round_.desk.refused = {"a"}
    round_.experiments = [experiment(status="draft")]
    round_.world.rows.mark_for_recount("a", "unreadable_record", NOW)
    assert round_.run() == []
    assert "a" in round_.world.rows.marks


def test_a_recount_that_runs_is_carried_on(round_: Round) -> None:
    round_.scene.recounts.recount = replace(DONE, state=RecountState.QUEUED, complete_epoch=1)
    round_.run()
    assert not round_.scene.recounts.recount.is_running


def test_settled_rows_of_the_complete_epoch_are_compacted(round_: Round) -> None:
    round_.run()
    assert round_.world.rows.stored[RowKey("a", 2, TODAY, BASE)].moments.units("units") == 3


def test_rows_of_the_declared_dimensions_are_compacted_and_forgotten_as_the_main_ones(round_: Round) -> None:
    round_.experiments = [experiment(ORDERS, epoch=2, dimensions=["country"])]
    long_ago = NOW - timedelta(days=4)
    moments = Moments({('green="DE"', UNITS, "units"): 1})
    rows = {
        RowKey(partition, epoch, TODAY, "shard"): Row(moments, seq="1", revision=1, seen_at=long_ago)
        for partition in ("a#country", "a#device")
        for epoch in (1, 2)
    }
    round_.world.rows.stored |= rows
    round_.run()
    assert round_.world.rows.stored[RowKey("a#country", 2, TODAY, BASE)].moments == moments
    dropped = {key for key in round_.world.rows.dropped if key.experiment != "a"}
    assert dropped == {RowKey("a#country", 1, TODAY, "shard")}


def test_the_days_first_round_keeps_a_snapshot_and_the_finding(round_: Round) -> None:
    round_.run()
    snapshot = round_.world.rows.snapshots[NOW.date()]
    assert (snapshot["epoch"], snapshot["moments"]["green"][""]) == (2, {"units": 3})
    note = round_.world.rows.note("a", CHECK)
    assert (note["day"], note["sampled"], note["drifted"]) == ("2026-03-20", 3, False)


def test_the_check_is_made_once_a_day(round_: Round) -> None:
    for days, looks in ((0, 3), (0.4, 3), (0.5, 6)):
        round_.days = days
        round_.run()
        assert round_.world.calls.count("events") == looks + 3  # the first three are the fixture's


def look_twice(round_: Round) -> list[str]:
    """Two rounds, with a heartbeat through the streams between them; the tasks that failed in the second."""
    round_.run()
    round_.world.rows.note_heartbeat(NOW, NOW)
    return round_.run()


def test_drift_asks_for_a_recount_and_is_told(round_: Round) -> None:
    round_.world.sent.append(event(1))
    look_twice(round_)
    assert round_.desk.asked == [("a", "drift")]
    assert round_.told == [("drift", {"experiment": "a", "found_by": "check", "units": 1})]
    assert round_.world.rows.note("a", CHECK)["drifted"]


def test_one_look_is_not_enough_for_drift(round_: Round) -> None:
    round_.world.sent.append(event(1))
    round_.run()
    attribution(round_.world).fold_units(["u"])
    round_.world.drain()
    look_twice(round_)
    assert (round_.desk.asked, round_.world.rows.note("a", CHECK)["drifted"]) == ([], False)


def test_the_second_look_waits_for_the_streams(round_: Round) -> None:
    round_.world.sent.append(event(1))
    round_.run()
    round_.world.rows.note_heartbeat(NOW - timedelta(seconds=1), NOW)
    round_.run()
    assert (round_.desk.asked, "suspicion" in round_.world.rows.note("a", CHECK)) == ([], True)


def test_a_check_that_failed_comes_again_in_the_next_round(round_: Round) -> None:
    round_.desk.refused = {"a"}
    round_.world.sent.append(event(1))
    assert look_twice(round_) == ["daily check of a"]
    round_.desk.refused = set()
    round_.run()
    assert round_.desk.asked == [("a", "drift")]


def test_what_a_recount_found_wrong_is_told(round_: Round) -> None:
    round_.scene.recounts.recount = replace(DONE, state=RecountState.QUEUED, complete_epoch=1)
    round_.world.rows.stored[RowKey("a", 1, TODAY, "shard")] = Row(steps=1)
    round_.run()
    assert round_.told == []
    round_.scene.let_time_pass()
    round_.run()
    assert round_.told == [("drift", {"experiment": "a", "found_by": "recount"})]


@pytest.mark.parametrize("state", [RecountState.QUEUED, RecountState.DONE])
def test_drafts_and_what_is_being_recounted_are_not_checked(round_: Round, state: RecountState) -> None:
    round_.scene.recounts.recount = replace(DONE, state=state)
    round_.scene.time_for = 0
    round_.experiments = [experiment(ORDERS, status="draft" if state is RecountState.DONE else "active", epoch=2)]
    round_.run()
    assert round_.world.rows.snapshots == {}


def test_rows_of_epochs_that_nobody_reads_go(round_: Round) -> None:
    old = RowKey("a", 1, TODAY, "shard")
    round_.world.rows.stored[old] = Row(seq="1", revision=1, seen_at=NOW - timedelta(days=4))
    round_.run()
    assert round_.world.rows.dropped == [old]
