"""A batch of events is written 25 items a call, and a unit's events of one day are one item; each alone is a call."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.bench import Bench
from benchmarks.measuring import Pair

EVENTS = 100


def of_many_units(bench: Bench) -> Pair:
    """Each event is of another unit: the case in which a batch saves least."""
    return _singles_against_batch(bench, "of many units", lambda: bench.fresh("unit"))


def of_one_unit(bench: Bench) -> Pair:
    """A session: all events are of one unit."""
    return _singles_against_batch(bench, "of one unit", lambda: "visitor")


def _singles_against_batch(bench: Bench, kind: str, unit: Callable[[], str]) -> Pair:
    amount = bench.many(EVENTS)

    def event() -> dict[str, object]:
        return {"event_id": bench.fresh("event"), "unit_id": unit(), "type": "purchase", "value": 9.99}

    def one_by_one() -> None:
        for _ in range(amount):
            bench.call("POST", "/v1/events", event())

    def at_once() -> None:
        bench.call("POST", "/v1/events", {"events": [event() for _ in range(amount)]})

    return Pair(f"{amount} events {kind} in {amount} calls", "in 1 call", one_by_one, at_once)
