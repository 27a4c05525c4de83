"""The scheduler: functions that the template wants called every so often, at the start first, never twice at once."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.replies import Invoker
from local.templates import ACCOUNT, REGION, Function, Template

SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
SOURCES = {"ScheduleV2": "aws.scheduler", "Schedule": "aws.events"}


@dataclass(frozen=True)
class Rule:
    """A function that is called every so many seconds, with `given` or else with the scheduler's own event."""

    name: str
    function: str
    seconds: int
    source: str
    given: str | None = None

    def payload(self, now: datetime) -> bytes:
        """What the function is called with."""
        if self.given is not None:
            return self.given.encode()
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": self.source,
            "account": ACCOUNT,
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": REGION,
            "resources": [f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{self.name}"],
            "detail": "{}" if self.source == SOURCES["ScheduleV2"] else {},
        }
        return json.dumps(event).encode()


def rules(template: Template, functions: list[Function]) -> list[Rule]:
    """The schedules of all functions.

    Raises:
        ValueError: one is no rate, or its input is no JSON.
    """
    return [
        _rule(f"{function.name}{name}", function.name, SOURCES[event["Type"]], template.value(event["Properties"]))
        for function in functions
        for name, event in function.events.items()
        if event["Type"] in SOURCES
    ]


def _rule(name: str, function: str, source: str, properties: Mapping[str, Any]) -> Rule:
    given = properties.get("Input")
    if given is not None:
        json.loads(given)
    expression = properties.get("ScheduleExpression") or properties.get("Schedule", "")
    return Rule(name, function, seconds_of(expression), source, given)


def seconds_of(expression: str) -> int:
    """The seconds of rate(5 minutes) and its like.

    Raises:
        ValueError: it is no rate.
    """
    found = re.fullmatch(r"rate\(([1-9]\d*) (minute|hour|day)s?\)", expression)
    if not found:
        raise ValueError(f"{expression}: only rates, as rate(5 minutes), run on one machine")
    return int(found.group(1)) * SECONDS[found.group(2)]


class Scheduler:
    """Calls each rule's function at its rate."""

    def __init__(self, rules_to_run: list[Rule], invoker: Invoker) -> None:
        self.invoker = invoker
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(rule,), daemon=True) for rule in rules_to_run]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()

    def _run(self, rule: Rule) -> None:
        while not self.stopping.is_set():
            self.invoker.invoke(rule.function, rule.payload(datetime.now(UTC)))
            self.stopping.wait(rule.seconds)
