"""Batches reach a function as Lambda brings them: halves, partial failures, retries, dead letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from local.streams.answers import InvocationError
from local.streams.delivery import Delivery
from local.streams.source import Record, seq_of
from tests.unit.local.streams.making import Function, failing_with, mapping, record, records, reporting


class Given:
    """A delivery with a function, and what became of it."""

    def __init__(self, answer: Any = lambda _numbers: None, now: float = 1000.0, **settings: Any) -> None:
        self.function = Function(answer)
        self.buried: list[tuple[list[str], str]] = []
        self.waits: list[int] = []
        self.delivery = Delivery(
            mapping(**settings),
            "shard",
            "arn",
            self.function,
            bury=self.bury,
            back_off=self.waits.append,
            now=lambda: now,
        )

    def bury(self, _shard_id: str, given_up: Sequence[Record], condition: str) -> None:
        self.buried.append(([seq_of(one) for one in given_up], condition))

    def deliver(self, *numbers: int) -> list[list[int]]:
        self.delivery.deliver(records(*numbers))
        return self.function.batches


def once(answer: Any) -> Any:
    """Says this at the first call, and then that all is well."""
    answers = [answer]
    return lambda _numbers: answers.pop() if answers else {}


def test_records_come_in_batches_of_the_mappings_size() -> None:
    assert Given(batch_size=2).deliver(1, 2, 3, 4, 5) == [[1, 2], [3, 4], [5]]


def test_a_failed_batch_comes_again_whole_until_it_succeeds() -> None:
    failures = iter([True, True, False])

    def answer(_numbers: list[int]) -> None:
        if next(failures):
            raise InvocationError

    given = Given(answer)
    assert given.deliver(1, 2) == [[1, 2], [1, 2], [1, 2]]
    assert given.waits == [1, 2]


def test_a_batch_is_given_up_after_its_retries() -> None:
    given = Given(failing_with(2), retries=2, batch_size=2)
    assert given.deliver(1, 2, 3) == [[1, 2], [1, 2], [1, 2], [3]]
    assert given.buried == [(["1", "2"], "RetryAttemptsExhausted")]


def test_bisecting_isolates_the_bad_record_and_costs_no_retries() -> None:
    given = Given(failing_with(3), retries=0, bisects=True)
    given.deliver(1, 2, 3, 4)
    assert given.function.batches == [[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]]
    assert given.buried == [(["3"], "RetryAttemptsExhausted")]


def test_a_partial_failure_comes_again_from_the_lowest_number_on() -> None:
    assert Given(once(reporting("4", "3")), partial=True).deliver(1, 2, 3, 4) == [[1, 2, 3, 4], [3, 4]]


def test_progress_starts_the_count_of_retries_again() -> None:
    given = Given(lambda numbers: reporting(str(numbers[-1])) if len(numbers) > 1 else {}, partial=True, retries=0)
    assert given.deliver(1, 2, 3) == [[1, 2, 3], [3]]
    assert given.buried == []


def test_without_progress_a_partial_failure_is_given_up_after_its_retries() -> None:
    given = Given(lambda numbers: reporting(str(numbers[0])), partial=True, retries=1)
    assert given.deliver(1, 2) == [[1, 2], [1, 2]]
    assert given.buried == [(["1", "2"], "RetryAttemptsExhausted")]


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": None}, {"batchItemFailures": []}])
def test_an_answer_that_names_no_failures_is_a_success(answer: Any) -> None:
    assert Given(once(answer), partial=True).deliver(1, 2) == [[1, 2]]


@pytest.mark.parametrize("answer", [reporting(""), reporting(None), reporting("99"), reporting("2", None), "x", [1]])
def test_an_answer_that_makes_no_sense_fails_the_whole_batch(answer: Any) -> None:
    assert Given(once(answer), partial=True).deliver(1, 2) == [[1, 2], [1, 2]]


def test_an_answers_failures_mean_nothing_where_the_mapping_does_not_ask_for_them() -> None:
    assert Given(once(reporting("2"))).deliver(1, 2) == [[1, 2]]


def test_records_that_are_too_old_are_given_up_unseen() -> None:
    given = Given(oldest_seconds=60, now=1070)
    given.delivery.deliver([record(1, at=1000), record(2, at=1020)])
    assert given.function.batches == [[2]]
    assert given.buried == [(["1"], "RecordAgeExceeded")]


def test_a_keys_records_stay_in_their_order_in_one_lane() -> None:
    given = Given(factor=3)
    given.delivery.deliver([record(number, key=f"u{number % 7}") for number in range(1, 50)])
    lanes = given.function.batches
    assert 1 < len(lanes) <= 3
    assert all(lane == sorted(lane) for lane in lanes)
    assert sum(len({number % 7 for number in lane}) for lane in lanes) == 7
