"""Two processes, one of which does all its work between two calls of the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


@contextmanager
def before_call(client: DynamoDBClient, operation: str, number: int, deed: Callable[[], object]) -> Iterator[None]:
    """Within it, `deed` is done once: before the client sends its call of that operation and number, from 1."""
    calls = 0

    def listen(**_: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == number:
            client.meta.events.unregister(event, listen)
            deed()

    event = f"before-send.dynamodb.{operation}"
    client.meta.events.register(event, listen)
    try:
        yield
    finally:
        client.meta.events.unregister(event, listen)
    assert calls >= number, f"there were {calls} calls of {operation}"
