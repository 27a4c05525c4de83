"""Calls as AWS's SDKs make them for CloudWatch Evidently."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fairsplit.domain.token import Role
from local.tokens import SECRETS
from tests.gateway import Answer, Gateway

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

CUSTOM, EVALUATION = "aws.evidently.custom", "aws.evidently.evaluation"


def signed(access_key: str) -> dict[str, str]:
    """The header of a request that this access key signed."""
    scope = "20260101/us-east-1/evidently/aws4_request"
    parts = f"Credential={access_key}/{scope}, SignedHeaders=content-type;host;x-amz-date, Signature=0"
    return {"authorization": f"AWS4-HMAC-SHA256 {parts}"}


@dataclass(frozen=True)
class Evidently:
    """An application that was written for Evidently."""

    gateway: Gateway
    access_key: str = SECRETS[Role.CLIENT]

    def send(self, path: str, body: Any, **how: Any) -> Answer:
        return self.gateway.post(path, body, **{"token": None, "headers": signed(self.access_key)} | how)

    def evaluate(
        self, feature: str, entity_id: Any = "ada", *, context: Any = None, project: str = "shop", **how: Any
    ) -> Answer:
        body = {"entityId": entity_id} | ({} if context is None else {"evaluationContext": context})
        return self.send(f"/projects/{project}/evaluations/{feature}", body, **how)

    def batch(self, requests: Any, *, project: str = "shop") -> Answer:
        return self.send(f"/projects/{project}/evaluations", {"requests": requests})

    def put(self, events: Any, *, project: str = "shop") -> Answer:
        return self.send(f"/events/projects/{project}", {"events": events})

    def start_anew(self) -> None:
        """The next request meets an execution environment that knows nothing yet."""
        self.gateway.handlers.pop("evidently", None)

    @property
    def client(self) -> DynamoDBClient:
        """The client that the function reads and stores with."""
        client: DynamoDBClient = self.gateway.globals_of("evidently")["client"]
        return client


def requests_of(entity_id: str, features: Sequence[str]) -> list[dict[str, str]]:
    """The requests of a batch of one entity."""
    return [{"entityId": entity_id, "feature": feature} for feature in features]


def custom(data: Any, **fields: Any) -> dict[str, Any]:
    """A custom event of this moment, its data as SDKs send them."""
    now = int(datetime.now(UTC).timestamp())
    return {"type": CUSTOM, "timestamp": now, "data": json.dumps(data)} | fields


def load_time(milliseconds: float, entity_id: str = "ada", **fields: Any) -> dict[str, Any]:
    """What Evidently's own examples send."""
    return custom({"details": {"pageLoadTime": milliseconds}, "userDetails": {"userId": entity_id}}, **fields)
