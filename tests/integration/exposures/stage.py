"""Units that meet their variants, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from fairsplit.domain.timestamps import to_text
from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, create_in
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, event, numbers, results, send, units

HOUR = timedelta(hours=1)
_numbers = count(1)


@dataclass
class Stage:
    """One experiment, `key`, and its units. Times are in hours before now."""

    gateway: Gateway
    pipeline: Pipeline
    key: str = ""

    def start(self, **fields: Any) -> str:
        """A fresh experiment that is active from now on."""
        return str(create_in(self.gateway, "active", metrics=[ORDERS], **fields)["key"])

    def unit(self) -> str:
        """A unit that no other test has."""
        return f"met-{next(_numbers)}"

    def ago(self, hours: float) -> datetime:
        return self.pipeline.now() - timedelta(hours=hours)

    def hash_variant(self, unit: str, key: str | None = None) -> str:
        """What the hash says, whether the unit is in or not."""
        asked = {"unit_id": unit, "experiments": [key or self.key], "record": False}
        (decision,) = self.gateway.post("/v1/decisions", asked).body["decisions"]
        return str(decision["variant"])

    def other_variant(self, unit: str) -> str:
        return {"control": "green", "green": "control"}[self.hash_variant(unit)]

    def exposure(
        self, unit: str, hours: float, variant: str | None = None, key: str | None = None, **properties: Any
    ) -> dict[str, Any]:
        """The unit met a variant, its own unless another is named."""
        met = {"experiment": key or self.key, "variant": variant or self.hash_variant(unit, key)}
        return event(unit, self.ago(hours), "$exposure", properties=met | properties)

    def order(self, unit: str, hours: float) -> dict[str, Any]:
        return event(unit, self.ago(hours))

    def send(self, *events: Mapping[str, Any]) -> None:
        """Send events in one call, and let everything flow."""
        send(self.gateway, events)
        self.pipeline.drain()

    def assign(self, unit: str) -> Any:
        return self.gateway.put(f"{EXPERIMENTS}/{self.key}/assignments/{unit}").body

    def stored(self, unit: str, key: str | None = None) -> Any:
        """The unit's stored assignment; None where there is none."""
        answer = self.gateway.get(f"{EXPERIMENTS}/{key or self.key}/assignments/{unit}")
        return answer.body if answer.status == 200 else None

    def results(self, key: str | None = None, **query: Any) -> Any:
        return results(self.gateway, key or self.key, **query)

    def counted(self, key: str | None = None, **query: Any) -> tuple[int, int]:
        """Units and orders of all variants."""
        body = self.results(key, **query)
        counts = units(body)
        return sum(counts.values()), sum(numbers(body, variant, "orders")["sum"] for variant in counts)

    def text_of(self, hours: float) -> str:
        return to_text(self.ago(hours))
