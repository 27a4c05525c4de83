"""The use-cases of tokens: make one, whose secret is shown once; list them; revoke one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field

from fairsplit.domain.errors import InvalidError, NotFoundError
from fairsplit.domain.experiment import Moment, Value
from fairsplit.domain.reading_models import read_model
from fairsplit.domain.timestamps import to_text
from fairsplit.domain.token import Role, Token, digest

LONGEST_ID = 64


class TokenRequest(Value):
    """What a new token should be."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    role: Role
    expires_at: Moment | None = None
    kind: Literal["sdk"] | None = None
    rate_per_second: Annotated[int | float, Field(ge=0.001, le=1e6)] | None = None


class TokenStore(Protocol):
    """Where tokens are kept."""

    def put(self, token: Token, digest: str) -> None: ...

    def revoke(self, token_id: str) -> bool: ...


def create(store: TokenStore, body: Mapping[str, Any], *, token_id: str, secret: str, now: datetime) -> Token:
    """Keep a new token of that id; of its secret only the digest is stored.

    Raises:
        InvalidError: a rule is broken.
    """
    request = read_model(TokenRequest, body)
    if request.expires_at and request.expires_at <= now:
        raise InvalidError.at(("expires_at",), "expired_already", "expires_at has to be in the future.")
    if request.kind and request.role is not Role.CLIENT:
        raise InvalidError.at(("kind",), "not_for_this_role", "Only a token of the role client can be of kind sdk.")
    token = Token(
        id=token_id,
        name=request.name,
        role=request.role,
        created_at=now,
        expires_at=request.expires_at,
        kind=request.kind,
        rate_per_second=request.rate_per_second,
    )
    store.put(token, digest(secret))
    return token


def revoke(store: TokenStore, token_id: str) -> None:
    """Remove a token; within half a minute nobody lets it in any more.

    Raises:
        NotFoundError: there is none of that id.
    """
    if len(token_id) > LONGEST_ID or not store.revoke(token_id):
        raise NotFoundError("token_not_found", "There is no token of that id.")


def as_json(token: Token) -> dict[str, Any]:
    """A token as callers see it, without its secret."""
    return {
        "id": token.id,
        "name": token.name,
        "role": token.role,
        "kind": token.kind,
        "rate_per_second": token.rate_per_second,
        "created_at": to_text(token.created_at),
        "expires_at": to_text(token.expires_at) if token.expires_at else None,
    }
