"""Rollup writes one row for each experiment and day of a batch, however many records the batch has."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.measuring import Pair
from benchmarks.units import batch, units
from tests.gateway import CONTEXT, load


def singles_against_batch(bench: Bench) -> Pair:
    """The same records each time, of new sequence numbers, through rollup's handler."""
    amount = bench.many(1_000)
    stored = list(units(bench.read(bench.experiment()), amount))
    rollup = load("rollup")

    def one_by_one() -> None:
        for unit in stored:
            rollup(batch([unit]), CONTEXT)

    def at_once() -> None:
        rollup(batch(stored), CONTEXT)

    return Pair(f"{amount:,} rollup batches of 1", f"1 batch of {amount:,}", one_by_one, at_once)
