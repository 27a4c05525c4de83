"""All errors that a caller can cause, as one tree.

FairsplitError
├── MalformedError          the request cannot be read
├── InvalidError            it can be read, and breaks a rule
├── UnauthenticatedError    no token, or one that is unknown or expired
├── ForbiddenError          the token's role does not allow it
├── NotFoundError           what it names does not exist
├── ConflictError           what it names is in another state
├── StaleError              it was made from an older version
├── TooLargeError           it is over a limit of size
└── RetryableError          the same request may go through later
    ├── TooManyError        the token's rate is used up
    └── ThrottledError      the store asks for patience
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: where (`loc`, as in ["variants", 0, "weight"]), which (`code`), and what to do (`message`)."""

    loc: tuple[str | int, ...]
    code: str
    message: str

    def as_json(self) -> dict[str, Any]:
        return {"loc": list(self.loc), "code": self.code, "message": self.message}


class FairsplitError(Exception):
    """An answer that is not what was asked for: `code` is a stable word, `detail` a sentence for people."""

    def __init__(self, code: str, detail: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.faults = faults


class MalformedError(FairsplitError):
    """The request cannot be read."""


class InvalidError(FairsplitError):
    """The request can be read, and breaks a rule."""

    @classmethod
    def at(cls, loc: tuple[str | int, ...], code: str, message: str) -> InvalidError:
        """The error of one broken rule."""
        return cls(code, message, (Fault(loc, code, message),))


class UnauthenticatedError(FairsplitError):
    """No token, or one that is unknown or expired."""


class ForbiddenError(FairsplitError):
    """The token's role does not allow it."""


class NotFoundError(FairsplitError):
    """What the request names does not exist."""


class ConflictError(FairsplitError):
    """What the request names is in another state."""


class StaleError(FairsplitError):
    """The request was made from an older version."""


class TooLargeError(FairsplitError):
    """The request is over a limit of size."""


class RetryableError(FairsplitError):
    """The same request may go through later: after `retry_after` whole seconds."""

    def __init__(self, code: str, detail: str, retry_after: int = 1) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


class TooManyError(RetryableError):
    """The token's rate is used up."""


class ThrottledError(RetryableError):
    """The store asks for patience."""
