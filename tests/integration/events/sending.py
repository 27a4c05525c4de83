"""Events to send, and who sends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fairsplit.domain.token import Role
from local.tokens import SECRETS
from tests.gateway import Answer, Gateway

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

EVENTS = "/v1/events"
CLIENT_TOKEN = SECRETS[Role.CLIENT]


@dataclass(frozen=True)
class Sender:
    """A client that sends events."""

    gateway: Gateway

    def post(self, body: Any = None, *, token: str | None = CLIENT_TOKEN, **how: Any) -> Answer:
        return self.gateway.post(EVENTS, body, token=token, **how)

    @property
    def client(self) -> DynamoDBClient:
        """The client that the function stores with."""
        client: DynamoDBClient = self.gateway.globals_of("events")["client"]
        return client


def fresh_unit() -> str:
    """A unit that no other test has."""
    return uuid4().hex


def purchase(**fields: Any) -> dict[str, Any]:
    """A valid event with an id of its own, with other fields."""
    return {"unit_id": "u-1", "type": "purchase", "event_id": uuid4().hex} | fields


def visits(units: Sequence[str]) -> dict[str, Any]:
    """A call with one event of each unit."""
    return {"events": [purchase(unit_id=unit, type="visit") for unit in units]}


def refusals(answer: Answer) -> list[tuple[int, str]]:
    """Index and code of each event that was not taken."""
    return [(one["index"], one["code"]) for one in answer.body["rejected"]]
