"""What comes of an invocation, and whoever can make one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Failure(StrEnum):
    """Why an invocation has no answer of the function."""

    UNHANDLED = "Unhandled"  # the function raised, or did not start
    TIMEOUT = "Timeout"
    CRASH = "Crash"
    THROTTLED = "Throttled"  # no worker became free in time
    STOPPING = "Stopping"


@dataclass(frozen=True)
class Reply:
    """The function's answer, or in `error` why there is none; then the payload is Lambda's error object."""

    payload: bytes
    error: Failure | None = None


def failed(failure: Failure, kind: str, text: str) -> Reply:
    """A reply without an answer, worded as Lambda words it."""
    return Reply(json.dumps({"errorType": kind, "errorMessage": text}).encode(), failure)


def in_one_line(payload: bytes) -> str:
    """An error object in one line."""
    try:
        error = json.loads(payload)
        return f"{error['errorType']}: {error['errorMessage']}".replace("\n", " ")[:300]
    except (ValueError, KeyError, TypeError):
        return payload[:300].decode("utf-8", "replace")


class Invoker(Protocol):
    """Whatever runs a function by its name."""

    def invoke(self, name: str, payload: bytes) -> Reply: ...
