"""A ratio of two things: both are done in every round, so that whatever else the machine does slows down both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 9


@dataclass(frozen=True)
class Pair:
    """Two things to be measured against each other. Each function does its work once."""

    name: str
    other_name: str
    run: Callable[[], object]
    run_other: Callable[[], object]


@dataclass(frozen=True)
class Ratio:
    """How many times as long the first takes as the other: the median of all rounds, and the least and the most."""

    pair: Pair
    median: float
    least: float
    most: float


def measure(pair: Pair, *, rounds: int = ROUNDS, done: Callable[[], object] = lambda: None) -> Ratio:
    """Do both once unmeasured, then in every round; `done` is called after each. Odd rounds begin with the other."""
    pair.run()
    pair.run_other()
    found = []
    for number in range(rounds):
        found.append(_in_turn(pair.run, pair.run_other) if number % 2 == 0 else 1 / _in_turn(pair.run_other, pair.run))
        done()
    return Ratio(pair, statistics.median(found), min(found), max(found))


def table(ratios: list[Ratio]) -> str:
    """One line for each ratio."""
    width = max(len(f"{one.pair.name} : {one.pair.other_name}") for one in ratios)
    lines = [f"{'takes as long as':{width}}  {'median':>8}  {'least':>8}  {'most':>8}"]
    for one in ratios:
        title = f"{one.pair.name} : {one.pair.other_name}"
        lines.append(f"{title:{width}}  {one.median:8.2f}  {one.least:8.2f}  {one.most:8.2f}")
    return "\n".join(lines)


def _in_turn(first: Callable[[], object], second: Callable[[], object]) -> float:
    """The first's time over the second's."""
    began = time.perf_counter()
    first()
    between = time.perf_counter()
    second()
    return (between - began) / (time.perf_counter() - between)
