"""The tokens of the local service. Their secrets are public: the service listens on 127.0.0.1 alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairsplit.domain.timestamps import now
from fairsplit.domain.token import Role, Token, digest
from fairsplit.storage.tokens import Tokens

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

SECRETS = {Role.ADMIN: "local-admin", Role.ANALYST: "local-analyst", Role.CLIENT: "local-client"}


def seed(client: DynamoDBClient, catalog: str) -> None:
    """Keep the three tokens where they are missing."""
    tokens = Tokens(client, catalog)
    for role, secret in SECRETS.items():
        if tokens.find(digest(secret)) is None:
            token = Token(id=secret, name=f"the local {role}", role=role, created_at=now())
            tokens.put(token, digest(secret))
