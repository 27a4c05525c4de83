"""What a store may do to a call, put between boto3 and the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError

from tests.store_calls import body_of, respond, send

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

INSERTS = "BatchExecuteStatement"
Fault = Callable[[AWSPreparedRequest], AWSResponse | None]


@contextmanager
def fault(client: DynamoDBClient, happens: Fault, operation: str = INSERTS) -> Iterator[None]:
    """Within it, each call of the operation meets the fault before it is sent."""
    name = f"before-send.dynamodb.{operation}"

    def listen(request: AWSPreparedRequest, **_: Any) -> Any:  # boto takes a response, its types know none
        return happens(request)

    client.meta.events.register(name, listen)
    try:
        yield
    finally:
        client.meta.events.unregister(name, listen)


def throttling_units(units: set[str]) -> Fault:
    """The statements of these units are throttled one by one; the others are carried out."""

    def happen(request: AWSPreparedRequest) -> AWSResponse:
        statements = body_of(request)["Statements"]
        is_throttled = [statement["Parameters"][0]["S"] in units for statement in statements]
        rest = [each for each, throttled in zip(statements, is_throttled, strict=True) if not throttled]
        answers = iter(send(request, {"Statements": rest})["Responses"] if rest else [])
        error = {"Error": {"Code": "ThrottlingError", "Message": "slow down"}}
        return respond(request, 200, {"Responses": [error if one else next(answers) for one in is_throttled]})

    return happen


def throttling_all(request: AWSPreparedRequest) -> AWSResponse:
    """The whole call is throttled."""
    return respond(request, 400, {"__type": "com.amazonaws#ThrottlingException", "message": "slow down"})


def at_first(happens: Fault, times: int) -> Fault:
    """The same fault, of so many calls; those behind them go through."""
    left = [times]

    def happen(request: AWSPreparedRequest) -> AWSResponse | None:
        left[0] -= 1
        return happens(request) if left[0] >= 0 else None

    return happen


def counting(happens: Fault) -> tuple[Fault, list[AWSPreparedRequest]]:
    """The same fault, and the requests that it has met."""
    met: list[AWSPreparedRequest] = []

    def happen(request: AWSPreparedRequest) -> AWSResponse | None:
        met.append(request)
        return happens(request)

    return happen, met


def losing_answers(times: int) -> Fault:
    """So many calls are carried out, and their answers never arrive."""
    left = [times]

    def happen(request: AWSPreparedRequest) -> None:
        if left[0] > 0:
            left[0] -= 1
            send(request)
            raise ReadTimeoutError(endpoint_url=request.url)

    return happen


def refusing_transactions(times: int, code: str) -> Fault:
    """So many transactions of two writes are refused as a whole, the first write for that reason."""
    left = [times]

    def happen(request: AWSPreparedRequest) -> AWSResponse | None:
        left[0] -= 1
        if left[0] < 0:
            return None
        reasons = [{"Code": code, "Message": "not now"}, {"Code": "None"}]
        name = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException"
        return respond(request, 400, {"__type": name, "message": "refused", "CancellationReasons": reasons})

    return happen
