"""Simulated visitors of a shop, each the same in every run of the same experiment."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.http_client import Service

BUYS = {"blue": 0.20, "green": 0.28}  # the share of visitors who buy: the truth that the experiment is to find
Tell = Callable[[str, str, Any, Any], None]


@dataclass(frozen=True)
class Visitor:
    """Buys where `luck` is below the share of buyers of the button it sees, and then for `basket` euros."""

    unit_id: str
    luck: float
    basket: float

    @property
    def always_buys(self) -> bool:
        return self.luck < min(BUYS.values())


def visitor(key: str, number: int) -> Visitor:
    """The experiment's visitor of that number."""
    unit_id = f"{key}:visitor-{number}"
    chance = random.Random(unit_id)  # noqa: S311 - a simulation, not a secret
    return Visitor(unit_id, chance.random(), round(chance.lognormvariate(3.5, 0.4), 2))


def visit(service: Service, key: str, one: Visitor, tell: Tell = lambda *_: None) -> int:
    """Ask for the visitor's variant, and send its purchase if it buys: how many events were sent.

    `tell` hears of each call: its method, path, body and answer.
    """
    path = f"/v1/experiments/{key}/assignments/{one.unit_id}"
    answer = service.call("client", "PUT", path)
    tell("PUT", path, None, answer)
    if one.luck >= BUYS[answer["variant"]]:
        return 0
    event = {"event_id": f"{one.unit_id}:1", "unit_id": one.unit_id, "type": "purchase", "value": one.basket}
    tell("POST", "/v1/events", event, service.call("client", "POST", "/v1/events", event))
    return 1
