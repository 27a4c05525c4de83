"""Asking for assignments over HTTP, and what the table holds."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fairsplit.domain.token import Role
from local.tokens import SECRETS
from tests.gateway import Answer, Gateway
from tests.integration.experiments.making import EXPERIMENTS

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

CLIENT = SECRETS[Role.CLIENT]
ANALYST = SECRETS[Role.ANALYST]


def segment_of(unit_id: str) -> str:
    """A unit id as every id may stand in a path."""
    return "~" + base64.urlsafe_b64encode(unit_id.encode()).decode().rstrip("=")


def assignments_path(key: str) -> str:
    return f"{EXPERIMENTS}/{key}/assignments"


@dataclass(frozen=True)
class Asking:
    """Clients, analysts and admins of assignments."""

    gateway: Gateway

    def assign(self, key: str, segment: str, body: Any = None, *, token: str | None = CLIENT, **how: Any) -> Answer:
        return self.gateway.put(f"{assignments_path(key)}/{segment}", body, token=token, **how)

    def variants(self, key: str, units: Iterable[str]) -> dict[str, str]:
        """The variants of the units that get one."""
        answers = [self.assign(key, unit).body for unit in units]
        return {answer["unit_id"]: answer["variant"] for answer in answers if answer["variant"]}

    def read(self, key: str, segment: str, *, token: str | None = ANALYST) -> Answer:
        return self.gateway.get(f"{assignments_path(key)}/{segment}", token=token)

    def import_items(self, key: str, items: Any, **how: Any) -> Answer:
        raw = json.dumps({"items": items}, ensure_ascii=False).encode()
        return self.gateway.post(assignments_path(key), raw=raw, **how)

    def page(self, path: str, **query: Any) -> Answer:
        return self.gateway.get(path, token=ANALYST, query=query)

    def pages(self, path: str, **query: Any) -> list[list[dict[str, Any]]]:
        """The items of each page, from the first to the last."""
        pages, cursor = [], None
        while True:
            answer = self.page(path, **query | ({"cursor": cursor} if cursor else {}))
            assert answer.status == 200, answer
            pages.append(answer.body["items"])
            cursor = answer.body["next_cursor"]
            if cursor is None:
                return pages

    def all_items(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """The items of all pages."""
        return [item for page in self.pages(path, **query) for item in page]

    def start_anew(self) -> None:
        """The next request meets an execution environment that knows nothing yet."""
        self.gateway.handlers.pop("assignments", None)

    @property
    def client(self) -> DynamoDBClient:
        """The client that the function stores with."""
        client: DynamoDBClient = self.gateway.globals_of("assignments")["client"]
        return client


@dataclass(frozen=True)
class Stored:
    """The Assignments table as it is."""

    client: DynamoDBClient
    table: str

    def item(self, key: str, unit_id: str) -> Mapping[str, Any] | None:
        """The item of a unit in an experiment."""
        where: Any = {"unit_id": {"S": unit_id}, "experiment": {"S": key}}
        return self.client.get_item(TableName=self.table, Key=where, ConsistentRead=True).get("Item")

    def items(self, key: str) -> list[dict[str, Any]]:
        """All items of an experiment."""
        pages = self.client.get_paginator("scan").paginate(TableName=self.table, ConsistentRead=True)
        return [dict(item) for page in pages for item in page["Items"] if item["experiment"]["S"] == key]

    def units(self, key: str) -> set[str]:
        """The units that an experiment has."""
        return {item["unit_id"]["S"] for item in self.items(key)}
