"""Asking for flags and features over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.gateway import Answer, Gateway
from tests.integration.assignments.asking import CLIENT

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ALL = "/ofrep/v1/evaluate/flags"
UNIT = {"targetingKey": "u-1"}


@dataclass(frozen=True)
class Flags:
    """OpenFeature's clients, and GrowthBook's SDKs."""

    gateway: Gateway

    def one(self, key: str, context: Any = None, *, token: str | None = CLIENT, **how: Any) -> Answer:
        """Evaluate one flag, for the unit u-1 unless the context says otherwise."""
        return self.gateway.post(f"{ALL}/{key}", {"context": context or UNIT}, token=token, **how)

    def all(self, context: Any = None, *, token: str | None = CLIENT, **how: Any) -> Answer:
        """Evaluate all flags."""
        return self.gateway.post(ALL, {"context": context or UNIT}, token=token, **how)

    def by_key(self, context: Any = None) -> dict[str, dict[str, Any]]:
        """The evaluations of all flags, each by its key, in a process that knows nothing yet."""
        self.start_anew()
        return {one["key"]: one for one in self.all(context).body["flags"]}

    def features(self, token: str, **how: Any) -> Answer:
        """What an SDK loads."""
        return self.gateway.get(f"/api/features/{token}", token=None, **how)

    def start_anew(self) -> None:
        """The next request meets an execution environment that knows nothing yet."""
        self.gateway.handlers.pop("flags", None)

    @property
    def client(self) -> DynamoDBClient:
        """The client that the function reads and stores with."""
        client: DynamoDBClient = self.gateway.globals_of("flags")["client"]
        return client
