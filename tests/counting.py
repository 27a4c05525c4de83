"""What DynamoDB is asked for, counted: calls by their names, and the capacity they consume."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

READS = {"GetItem", "Query", "BatchGetItem", "Scan", "TransactGetItems"}


@dataclass
class Counts:
    """Calls and capacity since the block began."""

    calls: Counter[str] = field(default_factory=Counter)
    read_units: float = 0
    write_units: float = 0


@contextmanager
def counted(client: DynamoDBClient) -> Iterator[Counts]:
    """Count what the client does within the block; each call is made to tell its capacity."""
    counts = Counts()

    def ask(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def note(parsed: dict[str, Any], model: Any, **_: Any) -> None:
        counts.calls[model.name] += 1
        capacity = parsed.get("ConsumedCapacity") or []
        units = sum(one["CapacityUnits"] for one in (capacity if isinstance(capacity, list) else [capacity]))
        if model.name in READS:
            counts.read_units += units
        else:
            counts.write_units += units

    client.meta.events.register("provide-client-params.dynamodb", ask)
    client.meta.events.register("after-call.dynamodb", note)
    try:
        yield counts
    finally:
        client.meta.events.unregister("provide-client-params.dynamodb", ask)
        client.meta.events.unregister("after-call.dynamodb", note)
