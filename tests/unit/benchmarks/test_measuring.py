"""How ratios are measured: both things in every round, in turn."""

from __future__ import annotations

import re
from itertools import count

import pytest

from benchmarks.measuring import Pair, Ratio, measure, table


def nothing() -> None:
    """Work that is none."""


def test_both_are_done_in_every_round_and_take_turns_in_beginning() -> None:
    done: list[str] = []
    pair = Pair("one", "other", lambda: done.append("one"), lambda: done.append("other"))
    measure(pair, rounds=3)
    assert done == ["one", "other", "one", "other", "other", "one", "one", "other"]


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_a_ratio_is_that_of_the_times_whoever_begins(monkeypatch: pytest.MonkeyPatch, rounds: int) -> None:
    clock = [0.0]
    monkeypatch.setattr("benchmarks.measuring.time.perf_counter", lambda: clock[0])

    def take(seconds: float) -> None:
        clock[0] += seconds

    ratio = measure(Pair("one", "other", lambda: take(6), lambda: take(2)), rounds=rounds)
    assert (ratio.median, ratio.least, ratio.most) == (3, 3, 3)


def test_progress_is_told_after_each_round() -> None:
    rounds = count()
    measure(Pair("one", "other", nothing, nothing), rounds=4, done=lambda: next(rounds))
    assert next(rounds) == 4


def test_the_table_has_a_line_for_each_ratio_with_its_median_and_range() -> None:
    lines = table([Ratio(Pair("a long name", "other", nothing, nothing), 3.14159, 2, 4.5)]).splitlines()
    assert len(lines) == 2
    assert re.split(r"  +", lines[1]) == ["a long name : other", "3.14", "2.00", "4.50"]
