"""What a function's answer says about its batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local.streams.source import Record, seq_of


class InvocationError(Exception):
    """The function failed: it raised, timed out, crashed, or answered what Lambda takes for a failure."""


def first_failed(records: Sequence[Record], answer: Any) -> int:
    """The index of the first record that has to come again, by `batchItemFailures`; behind the last where none has to.

    Raises:
        InvocationError: the whole batch failed: an item is empty, null or none of the batch's sequence numbers.
    """
    if answer is None:
        return len(records)
    if not isinstance(answer, dict):
        raise InvocationError("the answer is no object")
    numbers = [seq_of(record) for record in records]
    failures = answer.get("batchItemFailures") or []
    named = [one.get("itemIdentifier") if isinstance(one, dict) else None for one in failures]
    if any(name not in numbers for name in named):
        raise InvocationError("the answer names what is no record of the batch")
    return min((numbers.index(str(name)) for name in named), default=len(records))


def state_of(answer: Any) -> dict[str, Any]:
    """The state that a function with a tumbling window hands on.

    Raises:
        InvocationError: there is none.
    """
    state = answer.get("state") if isinstance(answer, dict) else None
    if not isinstance(state, dict):
        raise InvocationError("the answer of a function with a tumbling window has no state")
    return state
