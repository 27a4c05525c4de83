"""A fixed amount of work that several clients do at once, and a ledger of all that the service has accepted."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.http_client import Service

KEY = "crash-test"
EXPERIMENT = {
    "key": KEY,
    "name": "Crash test",
    "variants": [{"key": "control", "weight": 50}, {"key": "green", "weight": 50}],
    "metrics": [
        {"key": "purchased", "event_type": "purchase", "kind": "conversion", "role": "primary"},
        {"key": "orders", "event_type": "purchase", "kind": "count"},
        {"key": "revenue", "event_type": "purchase", "kind": "mean"},
    ],
}
CLIENTS = 4
UNITS = 40  # of each client
GROUP = 5  # units whose events also come in one call


@dataclass(frozen=True)
class Call:
    """One request of a client."""

    method: str
    path: str
    body: Any = None


def plan(client: int) -> Iterator[Call]:
    """What one client does, in its order. Many calls are made twice, though the first was accepted."""
    units = [f"unit-{client}-{number}" for number in range(UNITS)]
    for number, unit in enumerate(units):
        visiting = visit(unit, 100 * client + number)
        yield from visiting
        yield Call("POST", "/v1/events", purchase(unit, "early", 7, at=datetime.now(UTC) - timedelta(days=1)))
        if number % 3 == 0:
            yield from visiting
        if number % GROUP == GROUP - 1:
            group = units[number + 1 - GROUP : number + 1]
            batch = [purchase(one, f"batch-{part}", 333 * part + number) for one in group for part in range(3)]
            yield from [Call("POST", "/v1/events", {"events": batch})] * 2


def visit(unit: str, cents: int) -> list[Call]:
    """A unit comes and buys."""
    return [
        Call("PUT", f"/v1/experiments/{KEY}/assignments/{unit}"),
        Call("POST", "/v1/events", purchase(unit, "single", cents)),
    ]


def purchase(unit: str, name: str, cents: int, at: datetime | None = None) -> dict[str, Any]:
    """A purchase; one that is before the unit's assignment never counts."""
    event = {"event_id": f"{unit}-{name}", "unit_id": unit, "type": "purchase", "value": cents / 100}
    return event if at is None else event | {"timestamp": at.isoformat()}


@dataclass
class Ledger:
    """What was answered: each unit's assignments, each accepted event's unit and cents, and the number of calls."""

    assigned: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))
    events: dict[str, tuple[str, int]] = field(default_factory=dict)
    calls: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def work(self, service: Service, client: int) -> None:
        """Do all that a client does."""
        self.do(service, plan(client))

    def do(self, service: Service, calls: Iterable[Call]) -> None:
        """Make calls, each until it is answered."""
        for call in calls:
            answer = service.call("client", call.method, call.path, call.body)
            with self.changed:
                self._note(call, answer)
                self.calls += 1
                self.changed.notify_all()

    def has_calls(self, number: int) -> bool:
        """Wait until so many calls are answered; False where that takes too long."""
        with self.changed:
            return self.changed.wait_for(lambda: self.calls >= number, 120)

    def expected(self) -> dict[str, dict[str, int]]:
        """What results have to say of each variant: units, events, units with an event, and the cents of all events."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        variants = {unit: variant for unit, answers in self.assigned.items() for variant, _ in answers}
        for variant in variants.values():
            found[variant]["units"] += 1
        for unit, cents in self.events.values():
            found[variants[unit]] += Counter(events=1, cents=cents)
        for unit in {unit for unit, _ in self.events.values()}:
            found[variants[unit]]["buyers"] += 1
        return {variant: dict(counts) for variant, counts in found.items()}

    def _note(self, call: Call, answer: dict[str, Any]) -> None:
        if call.method == "PUT":
            self.assigned[answer["unit_id"]].add((answer["variant"], answer["assigned_at"]))
            return
        events = call.body.get("events", [call.body])
        assert answer == {"accepted": len(events), "rejected": []}
        for event in events:
            if "timestamp" not in event:
                self.events[event["event_id"]] = (event["unit_id"], round(event["value"] * 100))


CALLS = sum(1 for client in range(CLIENTS) for _ in plan(client))
