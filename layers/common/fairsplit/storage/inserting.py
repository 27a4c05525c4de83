"""Many conditional writes in few calls: PartiQL inserts, 25 a call, each refused on its own where its key exists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fairsplit.domain.errors import ThrottledError
from fairsplit.domain.outcome import Outcome
from fairsplit.storage.backing_off import ATTEMPTS, back_off
from fairsplit.storage.client import RETRYABLE, patience

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

BATCH = 25


def insert_many(client: DynamoDBClient, table: str, items: Sequence[dict[str, Any]]) -> list[Outcome]:
    """Insert items (DynamoDB's typed maps, keys all different) where their keys are absent; outcomes in their order.

    What DynamoDB throttles is tried again with back-off and jitter; what stays throttled is answered as such.
    A time-out after a write that went through shows as EXISTS.

    Raises:
        ValueError: an item is refused for another reason, such as its size.
    """
    outcomes = [Outcome.THROTTLED] * len(items)
    for start in range(0, len(items), BATCH):
        _insert_batch(client, table, items, list(range(start, min(start + BATCH, len(items)))), outcomes)
    return outcomes


def _insert_batch(
    client: DynamoDBClient, table: str, items: Sequence[dict[str, Any]], waiting: list[int], outcomes: list[Outcome]
) -> None:
    for attempt in range(ATTEMPTS):
        if attempt:
            back_off(attempt)
        try:
            responses = _execute(client, table, [items[index] for index in waiting])
        except ThrottledError:
            continue
        for index, response in zip(waiting, responses, strict=True):
            outcomes[index] = _outcome(response)
        waiting = [index for index in waiting if outcomes[index] is Outcome.THROTTLED]
        if not waiting:
            return


def _execute(client: DynamoDBClient, table: str, items: list[dict[str, Any]]) -> Sequence[Any]:
    with patience():
        answer = client.batch_execute_statement(Statements=[_statement(table, item) for item in items])
    return answer["Responses"]


def _statement(table: str, item: dict[str, Any]) -> Any:
    fields = ", ".join(f"'{name}': ?" for name in item)
    return {"Statement": f'INSERT INTO "{table}" VALUE {{{fields}}}', "Parameters": list(item.values())}


def _outcome(response: Any) -> Outcome:
    error = response.get("Error")
    if error is None:
        return Outcome.INSERTED
    if error["Code"] == "DuplicateItem":
        return Outcome.EXISTS
    if error["Code"] in RETRYABLE:
        return Outcome.THROTTLED
    raise ValueError(f"the store refused an item: {error['Code']}: {error.get('Message', '')}")
