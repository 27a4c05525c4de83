"""Experiments to send, and what the Catalog holds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from tests.gateway import Gateway

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

EXPERIMENTS = "/v1/experiments"
VARIANTS = [{"key": "control", "weight": 50}, {"key": "green", "weight": 50}]
PURCHASED = {"key": "purchased", "event_type": "purchase", "kind": "conversion", "role": "primary"}
ORDERS = {"key": "orders", "event_type": "purchase", "kind": "count"}
REVENUE = {"key": "revenue", "event_type": "purchase", "kind": "mean"}
RATIO = {"key": "aov", "kind": "ratio", "numerator": "revenue", "denominator": "orders"}
LIVES = {
    "draft": [],
    "active": ["active"],
    "paused": ["active", "paused"],
    "completed": ["active", "completed"],
    "archived": ["active", "completed", "archived"],
}
_numbers = count(1)


def fresh_key() -> str:
    """A key that no other test has."""
    return f"experiment-{next(_numbers)}"


def body(**fields: Any) -> dict[str, Any]:
    """A valid experiment of a fresh key, with other fields."""
    return {"key": fresh_key(), "name": "Green checkout button", "variants": VARIANTS} | fields


def create(gateway: Gateway, **fields: Any) -> dict[str, Any]:
    """A stored draft."""
    answer = gateway.post(EXPERIMENTS, body(**fields))
    assert answer.status == 201, answer
    return dict(answer.body)


def create_in(gateway: Gateway, status: str, **fields: Any) -> dict[str, Any]:
    """A stored experiment in that status."""
    experiment = create(gateway, **fields)
    for to in LIVES[status]:
        answer = move(gateway, experiment["key"], to)
        assert answer.status == 200, answer
        experiment = answer.body
    return experiment


def move(gateway: Gateway, key: str, to: Any, **fields: Any) -> Any:
    """Ask for a transition."""
    return gateway.post(f"{EXPERIMENTS}/{key}/transitions", {"to": to} | fields)


@dataclass(frozen=True)
class Catalog:
    """The Catalog table as it is."""

    client: DynamoDBClient
    table: str

    def dump(self) -> list[str]:
        """Every item, in some fixed order."""
        pages = self.client.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True)
        return sorted(str(sorted(item.items())) for page in pages for item in page["Items"])

    def item(self, pk: str, sk: str) -> Any:
        key: Any = {"pk": {"S": pk}, "sk": {"S": sk}}
        return self.client.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")

    def recount(self, key: str) -> tuple[int, str, str] | None:
        """Epoch, state and reason of the experiment's recount."""
        item = self.item(f"EXPERIMENT#{key}", "RECOUNT")
        return (int(item["epoch"]["N"]), item["state"]["S"], item["reason"]["S"]) if item else None
