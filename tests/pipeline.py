"""From the streams of tables to the sums, in this process: what template.yaml maps, driven as Lambda drives it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from fairsplit.domain import timestamps
from local import templates
from local.streams.checkpoints import Remembered
from local.streams.delivery import Invoke
from local.streams.driver import Driver, drain
from local.streams.mapping import Mapping as EventSource
from local.streams.mapping import mappings
from local.streams.reading import EngineSource
from local.streams.source import Record
from local.tables import stream_arns
from tests.gateway import CONTEXT, Gateway, Handler, load

MOST_ROUNDS = 1_000
HTTP = ("assignments", "events", "evidently", "experiments", "export", "flags", "results", "site")
HANDLERS = {"AttributionFunction": "attribution", "RollupFunction": "rollup", "MaintenanceFunction": "maintenance"}
AS_LONG_AS_LAMBDA = 240_000  # milliseconds


class Pipeline:
    """Attribution, rollup and maintenance over one set of tables, whose environment has to be set.

    What fails raises; nothing is given up in silence. A test that wants faults takes `sources`, `mapping.function` and
    `invoke` and makes drivers of its own.
    """

    def __init__(self, endpoint_url: str, tables: Mapping[str, str], gateway: Gateway | None = None) -> None:
        self.clock = timestamps.now
        self.shift = timedelta()
        template = templates.read()
        self.mappings = mappings(template, templates.functions(template))
        self.handlers = {function: self._load(folder) for function, folder in HANDLERS.items()}
        if gateway:
            gateway.handlers.update({folder: self._load(folder) for folder in HTTP})
        arns = stream_arns(endpoint_url, tables)
        self.sources = {one.id: EngineSource(endpoint_url, arns[one.table]) for one in self.mappings}
        self.drivers = [self._driver(one) for one in self.mappings]
        self.rounds = count(1)

    def now(self) -> datetime:
        """The time that all handlers see: the real one, and `shift`."""
        return self.clock() + self.shift

    def invoke(self, function: str) -> Invoke:
        """What calls a function by its logical id."""
        return lambda event: self.handlers[function](event, CONTEXT)

    def drain(self) -> None:
        """Bring all streams through their functions, until nothing moves any more."""
        for _ in range(MOST_ROUNDS):
            if not sum(driver.step(is_hurried=True) for driver in self.drivers):
                return
        raise RuntimeError("the streams have no end")

    def deliver_again(self, function: str) -> None:
        """Bring a function all that its streams hold, from the very start."""
        for mapping in (one for one in self.mappings if one.function == function):
            drain(self._driver(mapping))

    def maintain(
        self,
        *,
        milliseconds: Callable[[], int] = lambda: AS_LONG_AS_LAMBDA,
        pause: Callable[[], object] | None = None,
    ) -> dict[str, Any]:
        """One round of maintenance.

        `milliseconds` says at any time how long it may still run. The streams go on while it pauses, unless `pause`
        does something else.
        """
        handler = self.handlers["MaintenanceFunction"]
        handler.__globals__["_pause"] = pause or self.drain
        context = SimpleNamespace(
            **vars(CONTEXT)
            | {
                "aws_request_id": f"round-{next(self.rounds)}",
                "get_remaining_time_in_millis": milliseconds,
            }
        )
        return handler({}, context)

    def _load(self, folder: str) -> Handler:
        """A handler that goes by our clock, with all that it makes; modules that it shares keep the real one."""
        importlib.import_module(f"functions.{folder}.handler")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(timestamps, "now", self.now)
            return load(folder)

    def _driver(self, mapping: EventSource) -> Driver:
        return Driver(mapping, self.sources[mapping.id], self.invoke(mapping.function), Remembered(), bury=_never)


def _never(shard_id: str, records: Sequence[Record], condition: str) -> None:
    raise RuntimeError(f"{len(records)} records of {shard_id} are given up: {condition}")
