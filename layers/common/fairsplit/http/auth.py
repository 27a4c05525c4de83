"""The door of every HTTP function: a token, its role and its rate."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from fairsplit.domain.errors import ForbiddenError, TooManyError, UnauthenticatedError
from fairsplit.domain.timestamps import now as utc_now
from fairsplit.domain.token import Role, Token, digest

KNOWN_FOR = timedelta(seconds=30)
KNOWN_AT_MOST = 1_000
LONGEST_SECRET = 512
SDK = "sdk"
NOT_FOR_PATHS = (
    "A token in a path has to be of the role client and the kind sdk, because paths are seen by many: make one by"
    ' POST /v1/tokens with {"name": "…", "role": "client", "kind": "sdk"}, and revoke the one that you sent here.'
)


class TokenStore(Protocol):
    """Where tokens are found."""

    def find(self, digest: str) -> Token | None: ...


@dataclass
class Bucket:
    """A token bucket: it fills by `rate` a second up to `rate` (at least 1), and each request takes one."""

    rate: float
    level: float
    at: datetime

    def take(self, now: datetime) -> float:
        """Take one; 0 where there was one, else the seconds until there is."""
        filled = self.level + (now - self.at).total_seconds() * self.rate
        self.level, self.at = min(filled, max(self.rate, 1.0)), now
        if self.level >= 1:
            self.level -= 1
            return 0
        return (1 - self.level) / self.rate


@dataclass
class Door:
    """Lets requests in whose token has the role.

    What it finds, a token or none, it knows for 30 seconds. The rate of a token is counted in each execution
    environment, so it is an approximation.
    """

    store: TokenStore
    clock: Callable[[], datetime] = utc_now
    known: OrderedDict[str, tuple[datetime, Token | None]] = field(default_factory=OrderedDict)
    buckets: dict[str, Bucket] = field(default_factory=dict)

    def admit(self, event: Mapping[str, Any], role: Role, *, query: bool = False) -> Token:
        """The request's token, which allows the role. `query`: it may stand in the query as ?token=.

        Raises:
            UnauthenticatedError: there is no token, or it is unknown or expired.
            ForbiddenError: its role does not allow this.
            TooManyError: its rate is used up.
        """
        hint = "Send a valid token as 'Authorization: Bearer TOKEN' or 'X-API-Key: TOKEN'."
        return self.admit_secret(secret_of(event, query=query), role, hint)

    def admit_secret(self, secret: str | None, role: Role, hint: str) -> Token:
        """The token of a secret that was found elsewhere; the hint says where a valid one has to stand.

        Raises:
            UnauthenticatedError, ForbiddenError, TooManyError: as `admit` does.
        """
        token = self._valid(secret, hint)
        if not token.allows(role):
            raise ForbiddenError("forbidden", f"This needs a token of role {role}; yours has the role {token.role}.")
        self._take(token)
        return token

    def admit_sdk(self, secret: str) -> Token:
        """The token of a secret that stands in a path, where others than its owner may come to see it.

        Raises:
            UnauthenticatedError: it is unknown or expired.
            ForbiddenError: it is not meant for that: it may do more than clients may, or is not of the kind sdk.
            TooManyError: its rate is used up.
        """
        token = self._valid(plausible(secret), "The path has to end with a valid token of the kind sdk.")
        if token.role is not Role.CLIENT or token.kind != SDK:
            raise ForbiddenError("forbidden", NOT_FOR_PATHS)
        self._take(token)
        return token

    def _valid(self, secret: str | None, hint: str) -> Token:
        token = self._find(secret) if secret else None
        if token is None or not token.is_valid(self.clock()):
            raise UnauthenticatedError("unauthenticated", hint)
        return token

    def _find(self, secret: str) -> Token | None:
        name, now = digest(secret), self.clock()
        known = self.known.get(name)
        if known and now - known[0] < KNOWN_FOR:
            return known[1]
        token = self.store.find(name)
        self.known[name] = (now, token)
        self.known.move_to_end(name)
        while len(self.known) > KNOWN_AT_MOST:
            self.known.popitem(last=False)
        return token

    def _take(self, token: Token) -> None:
        if token.rate_per_second is None:
            return
        now = self.clock()
        bucket = self.buckets.setdefault(token.id, Bucket(token.rate_per_second, max(token.rate_per_second, 1.0), now))
        wait = bucket.take(now)
        if wait:
            detail = f"This token may send {token.rate_per_second:g} requests a second."
            raise TooManyError("rate_exceeded", detail, max(1, math.ceil(wait)))


def secret_of(event: Mapping[str, Any], *, query: bool = False) -> str | None:
    """The secret that a request carries; None where it carries none that could be one."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    scheme, _, secret = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer":
        secret = headers.get("x-api-key", "")
    if not secret and query:
        secret = (event.get("queryStringParameters") or {}).get("token", "")
    return plausible(secret.strip())


def plausible(secret: str) -> str | None:
    """The secret, where it could be one."""
    return secret if 0 < len(secret) <= LONGEST_SECRET and secret.isascii() else None
