"""`make simulate`: simulate experiments whose truth is known, print how often each judge was right, and plot it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from benchmarks.statistics.hillstrom import hillstrom
from benchmarks.statistics.plot import plot
from benchmarks.statistics.scenarios import SCENARIOS, Scenario
from benchmarks.statistics.simulating import simulate
from benchmarks.statistics.table import adjustments, broken, table

RUNS, LOOKED_AT_OFTEN = 40_000, 4  # a fourth of the runs where there are many looks
SEED = 1
PICTURE = Path(__file__).parents[2] / "docs/statistics-simulation.png"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: its exit code, 1 where a promise does not hold."""
    options = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    options.add_argument("--runs", type=int, default=RUNS, help="experiments of one look; a fourth of that of many")
    options.add_argument("--seed", type=int, default=SEED, help="the same seed gives the same figures")
    options.add_argument("--out", type=Path, default=PICTURE, help="where the plot goes, a PNG")
    options.add_argument("--only", default="", help="the experiments whose name has this in it")
    options.add_argument("--processes", type=int, default=2, help="which makes no difference to the figures")
    chosen = options.parse_args(arguments)
    scenarios = [one for one in SCENARIOS if chosen.only.lower() in one.name.lower()]
    if not scenarios:
        options.error(f"no experiment has {chosen.only!r} in its name")
    return _simulate(scenarios, chosen)


def _simulate(scenarios: Sequence[Scenario], chosen: argparse.Namespace) -> int:
    def runs(scenario: Scenario) -> int:
        return int(chosen.runs if scenario.looks == 1 else -(-chosen.runs // LOOKED_AT_OFTEN))

    with tqdm(total=sum(map(runs, scenarios)), unit=" experiments") as bar:
        tallies = simulate(scenarios, runs, seed=chosen.seed, processes=chosen.processes, done=bar.update)
    plot(scenarios, tallies, chosen.out)
    print(table(scenarios, tallies), adjustments(scenarios, tallies, hillstrom()), sep="\n\n")
    failed = broken(scenarios, tallies)
    print("", *failed or ["All that is promised holds."], sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
