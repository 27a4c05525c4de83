"""The audit trail in the Catalog: one item a change, written in the transaction that makes the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fairsplit.domain.audit import Entry
from fairsplit.domain.timestamps import to_text
from fairsplit.storage.keys import audit_pk
from fairsplit.storage.packing import pack, unpack
from fairsplit.storage.pages import read_page

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


def put_entry_action(table: str, key: str, entry: Entry) -> dict[str, Any]:
    """The part of a transaction that adds an entry to the trail of an experiment's key."""
    item = {"pk": {"S": audit_pk(key)}, "sk": {"S": place_of(entry)}, "entry": pack(entry.as_json())}
    return {"Put": {"TableName": table, "Item": item}}


def read_trail(
    client: DynamoDBClient, table: str, key: str, limit: int, after: str | None
) -> tuple[list[Entry], str | None]:
    """The trail of an experiment's key, newest first, behind the place `after`; and where the next page begins, if any.

    It outlives the experiment.
    """
    items, following = read_page(client, table, audit_pk(key), limit, after, newest_first=True)
    return [Entry.from_json(unpack(item["entry"])) for item in items], following


def place_of(entry: Entry) -> str:
    """Where the entry stands in the trail."""
    return f"{to_text(entry.at)}#{entry.version:08d}"
