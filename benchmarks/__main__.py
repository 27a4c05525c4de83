"""`make bench`: measure each pair and print their ratios."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from tqdm import tqdm

from benchmarks import assigning, comparing, deciding, ingesting, reading, rolling_up
from benchmarks.bench import Bench, started
from benchmarks.measuring import ROUNDS, Pair, measure, table

BENCHMARKS: tuple[Callable[[Bench], Pair], ...] = (
    assigning.new_against_repeat,
    deciding.one_by_one_against_together,
    ingesting.of_many_units,
    ingesting.of_one_unit,
    rolling_up.singles_against_batch,
    reading.many_units_against_few,
    comparing.tea_tasting_against_ours,
    comparing.gbstats_against_ours,
    comparing.gbstats_against_ours_sequentially,
    comparing.gbstats_against_ours_by_a_prior,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: its exit code."""
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--rounds", type=int, default=ROUNDS, help="how often each pair is measured")
    options.add_argument("--scale", type=float, default=1.0, help="the amounts of work, 1.0 being those of the docs")
    chosen = options.parse_args(arguments)
    ratios = []
    with started(chosen.scale) as bench, tqdm(total=len(BENCHMARKS) * chosen.rounds, unit=" rounds") as bar:
        for make in BENCHMARKS:
            bar.set_description(make.__module__.rpartition(".")[2].replace("_", " "))
            ratios.append(measure(make(bench), rounds=chosen.rounds, done=bar.update))
    print(table(ratios))
    return 0


if __name__ == "__main__":
    sys.exit(main())
