"""Whatever fails, and in whatever order: results equal a recount from the raw tables, to the cent."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from fairsplit.domain.timestamps import from_text, to_text
from fairsplit.storage.client import dynamodb
from tests.faults.comparing import check_breakdowns, check_results, check_sums
from tests.faults.truth import Raw, Truth
from tests.faults.world import World, world

RACES = 5
EXAMPLES = int(os.environ.get("FAIRSPLIT_FAULT_EXAMPLES", "12"))
STEPS = int(os.environ.get("FAIRSPLIT_FAULT_STEPS", "25"))
UNITS = [f"unit-{number}" for number in range(4)]
KEYS = ["first", "second"]
VARIANTS = [{"key": "control", "weight": 50}, {"key": "green", "weight": 50}]
BOUGHT = {"key": "bought", "event_type": "purchase", "kind": "conversion", "role": "primary"}
ORDERS = {"key": "orders", "event_type": "purchase", "kind": "count", "window_hours": 72}
REVENUE = {"key": "revenue", "event_type": "purchase", "kind": "mean", "cap": 50.5}
VISITS = {"key": "visits", "event_type": "visit", "kind": "count"}
AVERAGE = {"key": "average", "kind": "ratio", "numerator": "revenue", "denominator": "orders"}
METRICS = [
    [BOUGHT, ORDERS, REVENUE, AVERAGE],
    [BOUGHT],
    [BOUGHT, VISITS, REVENUE | {"cap": 20}],
    [BOUGHT | {"event_type": "visit"}, REVENUE | {"window_hours": 36}, ORDERS | {"window_hours": 24}, AVERAGE],
]
METS = st.lists(
    st.tuples(
        st.sampled_from(UNITS),
        st.sampled_from(KEYS),
        st.integers(0, 40),  # the event's number, which a purchase may have, too
        st.integers(0, 9),  # one in ten names another variant than the hash's
        st.floats(-0.1, 1.2),  # when, as a share of the experiment's run up to now
    ),
    min_size=1,
    max_size=6,
)
PEOPLE: list[dict[str, Any]] = [{}, {"country": "DE"}, {"country": "FR", "paid": True}, {"country": 3, "paid": 1}]
Sent = list[tuple[str, int, str, int, float]]
Met = list[tuple[str, str, int, int, float]]
SEEDS = st.integers(0, 2**32)
CHANCES = st.sampled_from([0.0, 0.1, 0.2, 0.5])
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(UNITS),
        st.integers(0, 40),  # the event's number: the same number again is the same event
        st.sampled_from(["purchase", "visit"]),
        st.integers(-5_000, 9_999),  # cents
        st.floats(0, 12),  # days ago
    ),
    min_size=1,
    max_size=30,
)


class ExactlyOnce(RuleBasedStateMachine):
    """Two experiments that share their units, in a world where everything fails."""

    engine: ClassVar[str]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.world: World = self.stack.enter_context(world(self.engine))
        self.accepted: dict[str, set[str]] = {unit: set() for unit in UNITS}
        self.answered: dict[tuple[str, str], str] = {}
        self.erasing: set[str] = set()
        self.poisoned = False
        self.numbers = count(41)
        self.anew: set[str] = set()  # units that were erased, and what they met with them
        self.hashed: dict[tuple[str, str], str] = {}
        self.started_at: dict[str, str] = {}

    def teardown(self) -> None:
        try:
            self.come_to_rest()
        finally:
            self.stack.close()

    @initialize()
    def start_experiments(self) -> None:
        for key, metrics in zip(KEYS, METRICS, strict=False):
            fields = {"key": key, "name": key, "variants": VARIANTS, "metrics": metrics, "analysis": {"cuped_days": 3}}
            fields["dimensions"] = ["country", "paid"]
            assert self.send("POST", "/v1/experiments", fields).status == 201
            answer = self.send("POST", f"/v1/experiments/{key}/transitions", {"to": "active"})
            self.started_at[key] = answer.body["started_at"]
        for unit in UNITS:
            asked = {"unit_id": unit, "experiments": KEYS, "record": False}
            for one in self.send("POST", "/v1/decisions", asked).body["decisions"]:
                self.hashed[one["experiment"], unit] = one["variant"]
        self.world.shift += timedelta(days=4)

    @rule(seed=SEEDS, chance=CHANCES, key=st.sampled_from(KEYS), unit=st.sampled_from(UNITS))
    def assign(self, seed: int, chance: float, key: str, unit: str) -> None:
        with self.faults(seed, chance):
            body = {"attributes": PEOPLE[seed % len(PEOPLE)]}
            answer = self.send("PUT", f"/v1/experiments/{key}/assignments/{unit}", body)
            if answer.status == 200 and answer.body["variant"] and unit not in self.erasing:
                told = answer.body["assigned_at"] + answer.body["variant"]
                assert self.answered.setdefault((key, unit), told) == told

    @rule(
        seed=SEEDS,
        chance=CHANCES,
        key=st.sampled_from(KEYS),
        ages=st.dictionaries(st.sampled_from(UNITS), st.floats(0, 10), min_size=1),
    )
    def import_assignments(self, seed: int, chance: float, key: str, ages: dict[str, float]) -> None:
        now = self.world.now()
        items = [
            {
                "unit_id": unit,
                "assigned_at": to_text(now - timedelta(days=age)),
                "attributes": PEOPLE[(seed + number) % len(PEOPLE)],
            }
            for number, (unit, age) in enumerate(ages.items())
        ]
        with self.faults(seed, chance):
            assert self.send("POST", f"/v1/experiments/{key}/assignments", {"items": items}).status in {200, 409, 503}

    @rule(seed=SEEDS, chance=CHANCES, events=EVENTS)
    def post_events(self, seed: int, chance: float, events: Sent) -> None:
        with self.faults(seed, chance):
            self.accept(self.written(events))

    def written(self, events: Sent) -> list[dict[str, Any]]:
        now = self.world.now()
        return [
            {
                "event_id": f"{unit}-{number}",
                "unit_id": unit,
                "type": kind,
                "value": cents / 100,
                "timestamp": to_text(now - timedelta(days=days)),
            }
            for unit, number, kind, cents, days in events
        ]

    def accept(self, sent: list[dict[str, Any]]) -> None:
        """Send the events, and note those that were accepted."""
        answer = self.send("POST", "/v1/events", {"events": sent})
        rejected = {one["index"] for one in answer.body["rejected"]} if answer.status == 202 else set(range(len(sent)))
        for index, event in enumerate(sent):
            if index not in rejected and event["unit_id"] not in self.erasing:
                self.accepted[event["unit_id"]].add(event["event_id"])

    @rule(seed=SEEDS, chance=CHANCES, met=METS, events=EVENTS | st.just([]))
    def expose(self, seed: int, chance: float, met: Met, events: Sent) -> None:
        """Units meet variants, and do something in the same call."""
        with self.faults(seed, chance):
            self.accept([self.exposure(*one) for one in met] + self.written(events))

    def exposure(self, unit: str, key: str, number: int, dice: int, share: float) -> dict[str, Any]:
        """The unit met its variant, or another one, at that share of the experiment's run up to now."""
        own = self.hashed[key, unit]
        variant = own if dice else {"control": "green", "green": "control"}[own]
        now, start = self.world.now(), from_text(self.started_at[key])
        at = min(start + share * (now - start), now)
        attributes = PEOPLE[number % len(PEOPLE)]
        properties = {"experiment": key, "variant": variant, "attributes": attributes}
        event = {"event_id": f"{unit}-{number}", "unit_id": unit, "type": "$exposure", "properties": properties}
        return event | {"timestamp": to_text(at)}

    @rule(seed=SEEDS, chance=CHANCES, times=st.integers(1, 6))
    def let_streams_flow(self, seed: int, chance: float, times: int) -> None:
        with self.faults(seed, chance):
            for _ in range(times):
                self.world.flow()
        self.world.drain()
        if not self.world.has_work(KEYS):
            self.check()

    @rule(seed=SEEDS, unit=st.sampled_from(UNITS))
    def fold_in_a_race(self, seed: int, unit: str) -> None:
        """A unit's event comes again and again, while others count what happens to the unit in between."""
        self.assign(seed=0, chance=0.0, key="first", unit=unit)
        for number in range(RACES):
            self.buy(unit)
            with self.world.among(seed + number, 0.5, lambda: self.buy_and_count(unit)):
                self.world.deliver_one(unit)
        self.let_streams_flow(seed=0, chance=0.0, times=1)

    def buy(self, unit: str) -> None:
        """Something that no event was before."""
        self.post_events(seed=0, chance=0.0, events=[(unit, next(self.numbers), "purchase", 125, 0.0)])

    def buy_and_count(self, unit: str) -> None:
        """Another process takes it in, and others bring it into the totals; now and then the unit is made anew."""
        if self.world.faults.random.random() < 0.2:
            self.make_anew(unit)
        event = {"event_id": f"{unit}-{next(self.numbers)}", "unit_id": unit, "type": "purchase", "value": 3.5}
        self.world.other.gateway.post("/v1/events", event)
        self.world.drain()

    def make_anew(self, unit: str) -> None:
        """Erase the unit, and assign it again."""
        self.forget(unit)
        other = self.world.other
        if other.gateway.delete(f"/v1/units/{unit}").status == 204:
            other.start()  # what it remembers for up to five minutes
            other.gateway.put(f"/v1/experiments/first/assignments/{unit}")
        else:
            self.erasing.add(unit)

    @rule(events=EVENTS, again=EVENTS, seed=st.none() | SEEDS)
    def work_through_an_hour(self, events: Sent, again: Sent, seed: int | None) -> None:
        """All is counted and compacted, then more comes, or what was there before comes again."""
        for sent in (events, again):
            self.post_events(seed=0, chance=0.0, events=sent)
            self.world.drain()
            self.maintain(seed=0, chance=0.0, hours=1)
            if seed is not None:
                self.world.disorder(Random(seed))

    @rule(seed=SEEDS)
    def deliver_again(self, seed: int) -> None:
        self.world.disorder(Random(seed))

    @rule(seed=SEEDS)
    def split_a_shard(self, seed: int) -> None:
        random = Random(seed)
        source = random.choice(list(self.world.sources.values()))
        if len(source.pieces) < 7:
            source.split(random.choice(source.open_shards()))

    @rule(seed=SEEDS, chance=CHANCES, hours=st.sampled_from([0, 1, 20]))
    def maintain(self, seed: int, chance: float, hours: int) -> None:
        self.world.shift += timedelta(hours=hours, minutes=6)
        with self.faults(seed, chance):
            self.world.process.maintain()

    @rule(seed=SEEDS, chance=CHANCES, key=st.sampled_from(KEYS), metrics=st.sampled_from(METRICS))
    def change_metrics(self, seed: int, chance: float, key: str, metrics: list[dict[str, Any]]) -> None:
        with self.faults(seed, chance):
            self.send("PATCH", f"/v1/experiments/{key}", {"metrics": metrics})

    @rule(seed=SEEDS, chance=CHANCES, key=st.sampled_from(KEYS))
    def ask_for_a_recount(self, seed: int, chance: float, key: str) -> None:
        with self.faults(seed, chance):
            self.send("POST", f"/v1/experiments/{key}/recount")

    @rule(seed=SEEDS, chance=CHANCES)
    def complete_the_second(self, seed: int, chance: float) -> None:
        with self.faults(seed, chance):
            self.send("POST", "/v1/experiments/second/transitions", {"to": "completed"})

    @rule(seed=SEEDS, chance=CHANCES, unit=st.sampled_from(UNITS))
    def erase(self, seed: int, chance: float, unit: str) -> None:
        self.erasing.add(unit)
        self.forget(unit)
        with self.faults(seed, chance):
            if self.send("DELETE", f"/v1/units/{unit}").status == 204:
                self.world.restart()  # what other warm processes remember for up to five minutes
                self.erasing.discard(unit)

    def forget(self, unit: str) -> None:
        """What was accepted and answered of the unit holds no more, and what it met may be gone with it."""
        self.anew.add(unit)
        self.accepted[unit].clear()
        for key in KEYS:
            self.answered.pop((key, unit), None)

    @precondition(lambda self: not self.poisoned)
    @rule(seed=SEEDS)
    def poison_a_record(self, seed: int) -> None:
        self.poisoned = True
        self.world.poison(Random(seed))

    @rule()
    def come_to_rest(self) -> None:
        """No work is left: now everything has to be right."""
        self.world.rest(KEYS)
        self.erasing.clear()
        self.check()

    def check(self) -> None:
        """What was accepted is there, what was answered stands, and results are what the raw tables say."""
        client = dynamodb(self.engine)
        raw = Raw(client, self.world.tables, self.world.now())
        for unit, ids in self.accepted.items():
            assert ids <= raw.ids_of(unit), f"accepted events of {unit} are lost"
        for place, told in self.answered.items():
            assert raw.assignments.get(place) == told, f"the assignment of {place} has changed"
        for key in KEYS:
            experiment = self.send("GET", f"/v1/experiments/{key}").body
            for unit in set(UNITS) - self.anew:
                has_met, is_in = Truth(raw, experiment).has_met(unit), (key, unit) in raw.assignments
                assert is_in or not has_met, f"{unit} met a variant of {key} and is not in"
            check_results(self.world.process.gateway, experiment, raw)
            check_sums(client, self.world.tables, experiment, raw)
            check_breakdowns(client, self.world.tables, experiment, raw)
            assert self.poisoned or not self.world.has_drifted(key)

    def faults(self, seed: int, chance: float) -> AbstractContextManager[None]:
        """Within it, calls fail, and another process acts between them."""
        return self.world.among(seed, chance, self.meanwhile)

    def meanwhile(self) -> None:
        """What another process does between two calls: the very same, or what changes what we read."""
        random, other = self.world.faults.random, self.world.other
        unit = random.choice([*UNITS, *(one for one in self.world.current_units if one in UNITS)])
        key = random.choice(KEYS)
        event = {"event_id": f"{unit}-{random.randrange(40)}", "unit_id": unit, "type": "purchase", "value": 3.25}
        event["timestamp"] = to_text(self.world.now() - timedelta(days=random.random()))
        met = self.exposure(unit, key, random.randrange(40), random.randrange(10), random.random())
        deeds = [
            self.world.current,
            lambda: other.gateway.put(f"/v1/experiments/{key}/assignments/{unit}"),
            lambda: other.gateway.patch(f"/v1/experiments/{key}", {"metrics": random.choice(METRICS)}),
            lambda: other.gateway.post("/v1/events", event),
            lambda: other.gateway.post("/v1/events", event),
            lambda: other.gateway.post("/v1/events", event),
            lambda: other.gateway.post("/v1/events", met),
            lambda: other.gateway.post("/v1/events", met),
            other.maintain,
        ]
        random.choice(deeds)()
        if random.random() < 0.7:
            self.world.drain()

    def send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.world.process.gateway.send(method, path, body)
        assert answer.status < 500 or answer.status == 503, answer
        return answer


@pytest.mark.timeout(1_200)
@pytest.mark.engine
def test_results_equal_a_recount_from_the_raw_tables_whatever_fails(engine_url: str) -> None:
    ExactlyOnce.engine = engine_url
    run_state_machine_as_test(
        ExactlyOnce,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            report_multiple_bugs=False,
            derandomize="FAIRSPLIT_FAULT_EXAMPLES" not in os.environ,
        ),
    )
