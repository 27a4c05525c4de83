"""Tokens in the Catalog: one item found by the secret's digest, one in the list of all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fairsplit.domain.timestamps import from_text, to_text
from fairsplit.domain.token import Role, Token
from fairsplit.storage.client import patience
from fairsplit.storage.keys import TOKENS, token_pk
from fairsplit.storage.pages import read_page

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

SK = "TOKEN"


@dataclass(frozen=True)
class Tokens:
    """The tokens of the Catalog."""

    client: DynamoDBClient
    table: str

    def find(self, digest: str) -> Token | None:
        """The token of a secret's digest; None where there is none. Consistent: a new token opens at once."""
        with patience():
            answer = self.client.get_item(TableName=self.table, Key=_key(token_pk(digest), SK), ConsistentRead=True)
        item = answer.get("Item")
        return from_item(item) if item else None

    def put(self, token: Token, digest: str) -> None:
        """Keep a token; one of the same digest is replaced."""
        fields = to_item(token)
        by_digest, by_id = _key(token_pk(digest), SK), _key(TOKENS, token.id)
        writes: Any = [
            {"Put": {"TableName": self.table, "Item": by_digest | fields}},
            {"Put": {"TableName": self.table, "Item": by_id | fields | {"digest": {"S": digest}}}},
        ]
        with patience():
            self.client.transact_write_items(TransactItems=writes)

    def page(self, limit: int, after: str | None) -> tuple[list[Token], str | None]:
        """Tokens in the order of their ids, behind `after`; and where the next page begins, if any."""
        items, following = read_page(self.client, self.table, TOKENS, limit, after)
        return [from_item(item) for item in items], following

    def revoke(self, token_id: str) -> bool:
        """Remove a token; False where there is none of that id."""
        with patience():
            answer = self.client.get_item(TableName=self.table, Key=_key(TOKENS, token_id), ConsistentRead=True)
        if "Item" not in answer:
            return False
        keys = (_key(token_pk(answer["Item"]["digest"]["S"]), SK), _key(TOKENS, token_id))
        writes: Any = [{"Delete": {"TableName": self.table, "Key": key}} for key in keys]
        with patience():
            self.client.transact_write_items(TransactItems=writes)
        return True


def to_item(token: Token) -> dict[str, Any]:
    """A token's fields as DynamoDB's typed map. `expires_at` is another attribute than the table's time to live."""
    item: dict[str, Any] = {
        "id": {"S": token.id},
        "name": {"S": token.name},
        "role": {"S": token.role},
        "created_at": {"S": to_text(token.created_at)},
    }
    if token.expires_at:
        item["token_expires_at"] = {"S": to_text(token.expires_at)}
    if token.kind:
        item["kind"] = {"S": token.kind}
    if token.rate_per_second is not None:
        item["rate_per_second"] = {"N": repr(token.rate_per_second)}
    return item


def from_item(item: dict[str, Any]) -> Token:
    """A stored token."""
    return Token(
        id=item["id"]["S"],
        name=item["name"]["S"],
        role=Role(item["role"]["S"]),
        created_at=from_text(item["created_at"]["S"]),
        expires_at=from_text(item["token_expires_at"]["S"]) if "token_expires_at" in item else None,
        kind=item["kind"]["S"] if "kind" in item else None,
        rate_per_second=json.loads(item["rate_per_second"]["N"]) if "rate_per_second" in item else None,
    )


def _key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}
