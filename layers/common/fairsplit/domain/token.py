"""Tokens: who may do what. Only a token's digest is ever stored."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a token allows: assign and ingest, read, or everything."""

    CLIENT = "client"
    ANALYST = "analyst"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is kept: everything but the secret. `rate_per_second` bounds its requests; None is no bound."""

    id: str
    name: str
    role: Role
    created_at: datetime
    expires_at: datetime | None = None
    kind: str | None = None
    rate_per_second: float | None = None

    def allows(self, role: Role) -> bool:
        """Whether the token may do what needs the role."""
        return self.role in {role, Role.ADMIN}

    def is_valid(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


def digest(secret: str) -> str:
    """The SHA-256 of a token's secret, as hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
