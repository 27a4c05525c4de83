"""What benchmarks work on: an engine and tables of their own, with all handlers in this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from unittest.mock import patch

from fairsplit.domain.experiment import Experiment
from fairsplit.storage.client import dynamodb
from fairsplit.storage.experiments import Experiments
from local import engine
from local.tables import create_tables
from local.tokens import seed
from tests.gateway import Answer, Gateway, environment

LOCAL = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "us-east-1"}
PURCHASED = {"key": "purchased", "event_type": "purchase", "kind": "conversion", "role": "primary"}
REVENUE = {"key": "revenue", "event_type": "purchase", "kind": "mean", "role": "secondary"}
VARIANTS = [{"key": "control", "weight": 50}, {"key": "green", "weight": 50}]


@dataclass(frozen=True)
class Bench:
    """Handlers over tables; `scale` makes all amounts of work smaller."""

    gateway: Gateway
    store: Experiments
    scale: float = 1.0
    numbers: Iterator[int] = field(default_factory=count)

    def many(self, number: int) -> int:
        """So many, to scale, and at least two."""
        return max(2, round(number * self.scale))

    def fresh(self, prefix: str) -> str:
        """A name that nothing has yet."""
        return f"{prefix}-{next(self.numbers)}"

    def experiment(self) -> str:
        """The key of a new experiment that runs."""
        key = self.fresh("bench")
        body = {"key": key, "name": "Benchmark", "variants": VARIANTS, "metrics": [PURCHASED, REVENUE]}
        self.call("POST", "/v1/experiments", body)
        self.call("POST", f"/v1/experiments/{key}/transitions", {"to": "active"})
        return key

    def read(self, key: str) -> Experiment:
        """A stored experiment."""
        return self.store.read_many([key])[key]

    def call(self, method: str, path: str, body: Any = None) -> Answer:
        """The answer of a request that must succeed.

        Raises:
            RuntimeError: it did not.
        """
        answer = self.gateway.send(method, path, body)
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body}")
        return answer


@contextmanager
def started(scale: float) -> Iterator[Bench]:
    """A bench until the block ends; the environment is then as it was."""
    with engine.start() as running:
        own = LOCAL | {"AWS_ENDPOINT_URL_DYNAMODB": running.endpoint_url}
        names = create_tables(running.endpoint_url)
        with patch.dict(os.environ, own | environment(names)):
            client, catalog = dynamodb(), names["CatalogTable"]
            seed(client, catalog)
            yield Bench(Gateway(), Experiments(client, catalog), scale)
