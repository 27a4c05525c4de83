"""Results are read from sums by day, so their cost does not grow with the units."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.measuring import Pair
from benchmarks.units import batch, units
from tests.gateway import CONTEXT, load

BATCH = 1_000
READS = 10


def many_units_against_few(bench: Bench) -> Pair:
    """Two experiments of the same two weeks, filled by rollup; the results of each, a few times over."""
    many, few = bench.many(20_000), bench.many(1_000)
    large, small = filled(bench, many), filled(bench, few)

    def read(key: str, amount: int) -> None:
        for _ in range(READS):
            found = bench.call("GET", f"/v1/experiments/{key}/results").body["summary"]["units"]
            if found != amount:
                raise RuntimeError(f"{key} has {amount} units, its results {found}")

    return Pair(f"results of {many:,} units", f"of {few:,}", lambda: read(large, many), lambda: read(small, few))


def filled(bench: Bench, amount: int) -> str:
    """The key of a new experiment with so many units in its sums."""
    key = bench.experiment()
    rollup = load("rollup")
    waiting = list(units(bench.read(key), amount))
    for start in range(0, amount, BATCH):
        rollup(batch(waiting[start : start + BATCH]), CONTEXT)
    return key
