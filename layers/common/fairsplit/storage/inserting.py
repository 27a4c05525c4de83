"""Many conditional writes in few calls: PartiQL inserts, 25 a call, each refused on its own where its key exists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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

    What DynamoDB throttles is tried again with back-off and jitter, up to a bound for all items together; what stays
    throttled is answered as such. A time-out after a write that went through shows as EXISTS.

    Raises:
        ValueError: an item is refused for another reason, such as its size.
    """
    inserting = _Inserting(client, table, items, [Outcome.THROTTLED] * len(items))
    for start in range(0, len(items), BATCH):
        inserting.insert(list(range(start, min(start + BATCH, len(items)))))
    return inserting.outcomes


@dataclass
class _Inserting:
    """The items and what becomes of them.

    `retries` is how often a batch may still be tried again, and `failures` how many calls may still be refused or left
    unanswered as a whole, after the SDK's own retries: over all batches, because the caller has only so much time.
    """

    client: DynamoDBClient
    table: str
    items: Sequence[dict[str, Any]]
    outcomes: list[Outcome]
    retries: int = 2 * ATTEMPTS
    failures: int = 2

    def insert(self, batch: list[int]) -> None:
        """Insert the items of these indexes."""
        for attempt in range(ATTEMPTS):
            if not (batch and self.failures and self._may_try(attempt)):
                return
            self._try(batch)
            batch = [index for index in batch if self.outcomes[index] is Outcome.THROTTLED]

    def _may_try(self, attempt: int) -> bool:
        """Whether there may be this attempt, the first is 0; waits before every other."""
        if attempt and self.retries:
            self.retries -= 1
            back_off(attempt)
            return True
        return not attempt

    def _try(self, batch: list[int]) -> None:
        try:
            responses = _execute(self.client, self.table, [self.items[index] for index in batch])
        except ThrottledError:
            self.failures -= 1
            return
        for index, response in zip(batch, responses, strict=True):
            self.outcomes[index] = _outcome(response)


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
