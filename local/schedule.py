"""The scheduler: functions that the template wants called every so often, at the start first, never twice at once."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass

from local.templates import Function, Template
from local.workers import Invoker

UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


@dataclass(frozen=True)
class Rule:
    """A function, what it is called with, and every how many seconds."""

    function: str
    payload: bytes
    seconds: float


def rules(template: Template, functions: list[Function]) -> list[Rule]:
    """The schedules of all functions.

    Raises:
        ValueError: one is no rate.
    """
    found = []
    for function in functions:
        for event in function.events.values():
            if event["Type"] in {"ScheduleV2", "Schedule"}:
                properties = template.value(event["Properties"])
                expression = properties.get("ScheduleExpression") or properties["Schedule"]
                payload = str(properties.get("Input", "{}")).encode()
                found.append(Rule(function.name, payload, seconds_of(expression)))
    return found


def seconds_of(expression: str) -> float:
    """The seconds of rate(5 minutes) and its like.

    Raises:
        ValueError: it is no rate.
    """
    found = re.fullmatch(r"rate\((\d+) (second|minute|hour|day)s?\)", expression)
    if not found:
        raise ValueError(f"{expression}: only rates, as rate(5 minutes), run here")
    return int(found.group(1)) * UNITS[found.group(2)]


class Scheduler:
    """Calls each rule's function at its rate."""

    def __init__(self, template: Template, functions: list[Function], invoker: Invoker) -> None:
        self.invoker = invoker
        self.stopping = threading.Event()
        self.threads = [
            threading.Thread(target=self._run, args=(rule,), daemon=True) for rule in rules(template, functions)
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopping.set()

    def _run(self, rule: Rule) -> None:
        json.loads(rule.payload)
        while not self.stopping.is_set():
            self.invoker.invoke(rule.function, rule.payload)
            self.stopping.wait(rule.seconds)
