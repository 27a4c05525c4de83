"""Which experiments are live, and in which version: a list that stays short, however many there ever were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairsplit.domain.experiment import Experiment
from fairsplit.storage.keys import LIVE
from fairsplit.storage.pages import read_page

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

AT_ONCE = 10_000  # more than one answer of DynamoDB holds


def live_actions(table: str, old: Experiment, new: Experiment) -> list[dict[str, Any]]:
    """The writes of a transaction that keep the list right when `new` takes the place of `old`."""
    key = {"pk": {"S": LIVE}, "sk": {"S": new.key}}
    if new.is_live:
        return [{"Put": {"TableName": table, "Item": key | {"version": {"N": str(new.version)}}}}]
    return [{"Delete": {"TableName": table, "Key": key}}] if old.is_live else []


def read_live_versions(client: DynamoDBClient, table: str) -> dict[str, int]:
    """The version of each live experiment, by key; read consistently, so what has started is seen at once."""
    versions: dict[str, int] = {}
    after = None
    while True:
        items, after = read_page(client, table, LIVE, AT_ONCE, after)
        versions |= {item["sk"]["S"]: int(item["version"]["N"]) for item in items}
        if after is None:
            return versions
