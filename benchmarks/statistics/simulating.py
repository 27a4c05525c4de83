"""Experiments are simulated in parts, each with random numbers of its own: the same seed gives the same table."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

import numpy as np

from benchmarks.statistics.judging import Interval, Judge, Look, Verdict
from benchmarks.statistics.populations import Sums
from benchmarks.statistics.scenarios import SCENARIOS, Scenario
from fairsplit.domain.stats.sample import Sample

PART = 250  # experiments


@dataclass(slots=True)
class Tally:
    """What one judge said of many experiments, counted. `stops` are the looks at which one was significant."""

    runs: int = 0
    stops: Counter[int] = field(default_factory=Counter)
    absolute: int = 0
    lift: int = 0
    without_absolute: int = 0
    without_lift: int = 0
    reductions: float = 0.0

    def count(self, scenario: Scenario, verdict: Verdict, look: int) -> None:
        """Count an experiment's last verdict. An interval that is refused has no bounds, so it holds the truth."""
        self.runs += 1
        if verdict.significant:
            self.stops[look] += 1
        self.absolute += _holds(verdict.absolute, scenario.difference)
        self.lift += _holds(verdict.lift, scenario.lift)
        self.without_absolute += verdict.absolute is None
        self.without_lift += verdict.lift is None
        self.reductions += verdict.variance_reduction or 0.0

    @property
    def significant(self) -> float:
        """The share of experiments that were significant at any look."""
        return self.stops.total() / self.runs

    @property
    def absolute_coverage(self) -> float | None:
        """How often the difference's interval held the truth; None for a judge that never gives one."""
        return None if self.without_absolute == self.runs else self.absolute / self.runs

    @property
    def lift_coverage(self) -> float | None:
        """The same of the lift's interval."""
        return None if self.without_lift == self.runs else self.lift / self.runs

    @property
    def variance_reduction(self) -> float:
        """By CUPED, on average; 0 without."""
        return self.reductions / self.runs

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.runs + other.runs,
            self.stops + other.stops,
            self.absolute + other.absolute,
            self.lift + other.lift,
            self.without_absolute + other.without_absolute,
            self.without_lift + other.without_lift,
            self.reductions + other.reductions,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a scenario's experiments."""

    scenario: str
    number: int
    runs: int
    seed: int


def simulate(
    scenarios: Sequence[Scenario],
    runs: Callable[[Scenario], int],
    seed: int,
    processes: int,
    done: Callable[[int], object],
) -> dict[str, list[Tally]]:
    """The tallies of each scenario's judges, by its name. `done` is called with every number of experiments done."""
    parts = [part for one in scenarios for part in _parts(one.name, runs(one), seed)]
    found: dict[str, list[Tally]] = {}
    for part, tallies in zip(parts, _each(parts, processes), strict=True):
        before = found.get(part.scenario)
        found[part.scenario] = [a + b for a, b in zip(before, tallies, strict=True)] if before else tallies
        done(part.runs)
    return found


def simulate_part(part: Part) -> list[Tally]:
    """Draw the part's experiments and ask every judge."""
    scenario = next(one for one in SCENARIOS if one.name == part.scenario)
    generator = np.random.default_rng([part.seed, zlib.crc32(scenario.name.encode()), part.number])
    shape = (part.runs, scenario.looks)
    control, treatment = (
        _cumulative(population.draw(generator, units, shape))
        for population, units in zip((scenario.control, scenario.treatment), scenario.units, strict=True)
    )
    tallies = [Tally() for _ in scenario.panels]
    for controls, treatments in zip(_experiments(control), _experiments(treatment), strict=True):
        for panel, tally in zip(scenario.panels, tallies, strict=True):
            verdict, look = _judge(panel.judge, controls, treatments)
            tally.count(scenario, verdict, look)
    return tallies


def _judge(judge: Judge, controls: list[Sample], treatments: list[Sample]) -> tuple[Verdict, int]:
    """The first significant verdict, or else the last, and its look."""
    looks = len(controls)
    for number in range(looks if judge.once else 1, looks + 1):
        verdict = judge.verdict(controls[number - 1], treatments[number - 1], Look(number, looks))
        if verdict.significant:
            break
    return verdict, number


def _parts(scenario: str, runs: int, seed: int) -> list[Part]:
    return [Part(scenario, number, min(PART, runs - begin), seed) for number, begin in enumerate(range(0, runs, PART))]


def _each(parts: list[Part], processes: int) -> Iterator[list[Tally]]:
    if processes == 1:
        yield from map(simulate_part, parts)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(simulate_part, parts)


def _cumulative(sums: Sums) -> Sums:
    return {name: values.cumsum(axis=1) for name, values in sums.items()}


def _experiments(sums: Sums) -> Iterator[list[Sample]]:
    """Of each experiment, the samples of all looks."""
    names = list(sums)
    for experiment in zip(*(sums[name].tolist() for name in names), strict=True):
        yield [Sample(**dict(zip(names, look, strict=True))) for look in zip(*experiment, strict=True)]


def _holds(interval: Interval | None, truth: float) -> bool:
    return interval is None or interval[0] <= truth <= interval[1]
