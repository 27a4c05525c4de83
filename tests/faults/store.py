"""What a store may do to any call, put between boto3 and the engine: it fails, is late, does a part, or we die."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, NoReturn

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from tests.store_calls import body_of, respond, send

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ERROR = "com.amazonaws.dynamodb.v20120810#"
THROTTLED = {"Code": "ThrottlingError", "Message": "slow down"}
Outcome = AWSResponse | None


class Crash(BaseException):
    """The process died between two calls. No error that anybody may catch."""


@dataclass
class StoreFaults:
    """Decides for each call of a client whether and how it goes wrong; off until a block of `among` begins.

    `meanwhile` is what another process may do between two calls of this one; it meets no faults itself.
    """

    random: Random = field(default_factory=lambda: Random(0))
    chance: float = 0.0
    meanwhile: Callable[[], None] | None = None
    is_dead: bool = False
    happened: list[str] = field(default_factory=list)

    def watch(self, client: DynamoDBClient) -> None:
        """Stand between the client and its engine."""
        client.meta.events.register("before-send.dynamodb", self._before_send)

    @contextmanager
    def among(self, seed: int, chance: float, meanwhile: Callable[[], None] | None = None) -> Iterator[None]:
        """Within it, that share of calls goes wrong. A crash ends the block, and every process with it."""
        self.random, self.chance, self.meanwhile = Random(seed), chance, meanwhile
        try:
            yield
        except Crash:
            self.happened.append("crash")
        finally:
            self.chance, self.meanwhile, self.is_dead = 0.0, None, False

    def _before_send(
        self, request: AWSPreparedRequest, event_name: str, **_: Any
    ) -> Any:  # boto's types know no answer
        if self.is_dead:
            raise Crash
        if not self.chance or self.random.random() >= self.chance:
            return None
        operation = event_name.rpartition(".")[2]
        fault = self.random.choice([*ANYWHERE, *SOMEWHERE.get(operation, ())])
        self.happened.append(f"{operation}: {fault.__name__}")
        return fault(self, request)

    def die(self) -> NoReturn:
        """Whoever calls from now on is dead, those who clean up behind themselves too."""
        self.is_dead = True
        raise Crash


def throttles(_faults: StoreFaults, request: AWSPreparedRequest) -> Outcome:
    return _refusal(request, 400, "ProvisionedThroughputExceededException")


def breaks(_faults: StoreFaults, request: AWSPreparedRequest) -> Outcome:
    return _refusal(request, 500, "InternalServerError")


def is_not_reached(_faults: StoreFaults, request: AWSPreparedRequest) -> Outcome:
    raise EndpointConnectionError(endpoint_url=request.url)


def loses_the_answer(_faults: StoreFaults, request: AWSPreparedRequest) -> Outcome:
    send(request)
    raise ReadTimeoutError(endpoint_url=request.url)


def sees_us_die_before(faults: StoreFaults, _request: AWSPreparedRequest) -> Outcome:
    faults.die()


def sees_us_die_after(faults: StoreFaults, request: AWSPreparedRequest) -> Outcome:
    send(request)
    faults.die()


def serves_another_first(faults: StoreFaults, _request: AWSPreparedRequest) -> Outcome:
    """Another process does something between two calls of ours. It runs to its end, and meets no faults."""
    meanwhile, chance = faults.meanwhile, faults.chance
    if meanwhile:
        faults.chance = 0.0
        meanwhile()
        faults.chance = chance
    return None


def does_some_statements(faults: StoreFaults, request: AWSPreparedRequest) -> Outcome:
    statements = body_of(request)["Statements"]
    is_done = [faults.random.random() < 0.5 for _ in statements]
    wanted = [one for one, done in zip(statements, is_done, strict=True) if done]
    answers = iter(send(request, {"Statements": wanted})["Responses"] if wanted else [])
    return respond(request, 200, {"Responses": [next(answers) if done else {"Error": THROTTLED} for done in is_done]})


def reads_some_keys(faults: StoreFaults, request: AWSPreparedRequest) -> Outcome:
    """A batched read leaves the first key out, if there are more."""
    ((table, question),) = body_of(request)["RequestItems"].items()
    first, rest = question["Keys"][:1], question["Keys"][1:]
    if not rest:
        return throttles(faults, request)
    answer = send(request, {"RequestItems": {table: question | {"Keys": rest}}})
    return respond(request, 200, answer | {"UnprocessedKeys": {table: question | {"Keys": first}}})


def writes_some_items(_faults: StoreFaults, request: AWSPreparedRequest) -> Outcome:
    """A batched write leaves the last item out."""
    ((table, writes),) = body_of(request)["RequestItems"].items()
    if writes[:-1]:
        send(request, {"RequestItems": {table: writes[:-1]}})
    return respond(request, 200, {"UnprocessedItems": {table: writes[-1:]}})


def meets_another_transaction(_faults: StoreFaults, request: AWSPreparedRequest) -> Outcome:
    reasons = [{"Code": "TransactionConflict", "Message": "busy"}] + [{"Code": "None"}] * (
        len(body_of(request)["TransactItems"]) - 1
    )
    return respond(request, 400, {"__type": f"{ERROR}TransactionCanceledException", "CancellationReasons": reasons})


ANYWHERE = (
    throttles,
    breaks,
    is_not_reached,
    loses_the_answer,
    loses_the_answer,
    sees_us_die_before,
    sees_us_die_after,
    serves_another_first,
    serves_another_first,
    serves_another_first,
)
SOMEWHERE = {
    "BatchExecuteStatement": (does_some_statements,) * 4,
    "BatchGetItem": (reads_some_keys,) * 2,
    "BatchWriteItem": (writes_some_items,) * 4,
    "PutItem": (serves_another_first,) * 4,
    "UpdateItem": (serves_another_first,) * 8,
    "TransactWriteItems": (meets_another_transaction,) * 2,
}


def _refusal(request: AWSPreparedRequest, status: int, code: str) -> AWSResponse:
    return respond(request, status, {"__type": ERROR + code, "message": "slow down"})
