"""Decisions over many experiments are one query and few writes; asked one by one, each is a read and a write."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.measuring import Pair


def one_by_one_against_together(bench: Bench) -> Pair:
    """A new unit each time, with the same experiments."""
    keys = [bench.experiment() for _ in range(bench.many(50))]

    def one_by_one() -> None:
        unit = bench.fresh("one-by-one")
        for key in keys:
            bench.call("PUT", f"/v1/experiments/{key}/assignments/{unit}")

    def together() -> None:
        bench.call("POST", "/v1/decisions", {"unit_id": bench.fresh("together"), "experiments": keys})

    return Pair(f"{len(keys)} new assignments one by one", "in one call", one_by_one, together)
