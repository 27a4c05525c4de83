"""The engines that storage runs on, each with the template's tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from moto import mock_aws

from fairsplit.domain.outcome import Outcome
from fairsplit.storage.client import dynamodb
from fairsplit.storage.inserting import insert_many
from local.tables import create_tables

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ENGINES = ("dynoxide", "ministack", "moto")
THAT_INSERT = ("dynoxide", "ministack")  # moto reads no PartiQL inserts with parameters, and refuses none
AWS = "https://dynamodb.us-east-1.amazonaws.com"  # what moto stands in for; nothing is sent there


@dataclass(frozen=True)
class Store:
    """Tables in an engine: logical id → name."""

    kind: str
    client: DynamoDBClient
    tables: dict[str, str]

    def put(self, table: str, items: Sequence[dict[str, Any]]) -> None:
        """Store items that are not there yet, many at once where the engine can."""
        if self.kind in THAT_INSERT:
            assert set(insert_many(self.client, self.tables[table], items)) <= {Outcome.INSERTED}
        else:
            for item in items:
                self.client.put_item(TableName=self.tables[table], Item=item)


def tables_in(kind: str, endpoint_url: str) -> Store:
    """Fresh tables in a running engine."""
    return Store(kind, dynamodb(endpoint_url), create_tables(endpoint_url, prefix=f"t{uuid4().hex[:8]}-"))


@contextmanager
def moto() -> Iterator[Store]:
    """Tables in moto, which lives in this process; its writes race, so it is for one thread alone."""
    with mock_aws():
        yield tables_in("moto", AWS)
