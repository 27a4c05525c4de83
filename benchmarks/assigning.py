"""A new assignment is a read and a write; a warm repeat is answered from memory."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.measuring import Pair


def new_against_repeat(bench: Bench) -> Pair:
    """Both through the handler, with the same token and experiment."""
    key = bench.experiment()
    amount = bench.many(50)

    def assign(prefix: str) -> None:
        for number in range(amount):
            bench.call("PUT", f"/v1/experiments/{key}/assignments/{prefix}-{number}")

    return Pair("a new assignment", "a warm repeat", lambda: assign(bench.fresh("new")), lambda: assign("known"))
