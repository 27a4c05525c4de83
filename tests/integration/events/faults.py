"""What a store may do to a batch of inserts, put between boto3 and the engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import urllib3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

INSERTS = "before-send.dynamodb.BatchExecuteStatement"
Fault = Callable[[AWSPreparedRequest], AWSResponse | None]


@contextmanager
def fault(client: DynamoDBClient, happens: Fault) -> Iterator[None]:
    """Within it, each batch of inserts meets the fault before it is sent."""

    def listen(request: AWSPreparedRequest, **_: Any) -> Any:  # boto takes a response, its types know none
        return happens(request)

    client.meta.events.register(INSERTS, listen)
    try:
        yield
    finally:
        client.meta.events.unregister(INSERTS, listen)


def throttling_units(units: set[str]) -> Fault:
    """The statements of these units are throttled one by one; the others are carried out."""

    def happen(request: AWSPreparedRequest) -> AWSResponse:
        statements = _statements(request)
        is_throttled = [statement["Parameters"][0]["S"] in units for statement in statements]
        rest = [each for each, throttled in zip(statements, is_throttled, strict=True) if not throttled]
        answers = iter(_send(request, rest) if rest else [])
        error = {"Error": {"Code": "ThrottlingError", "Message": "slow down"}}
        return _response(request, 200, {"Responses": [error if one else next(answers) for one in is_throttled]})

    return happen


def throttling_all(request: AWSPreparedRequest) -> AWSResponse:
    """The whole call is throttled."""
    return _response(request, 400, {"__type": "com.amazonaws#ThrottlingException", "message": "slow down"})


def losing_answers(times: int) -> Fault:
    """So many calls are carried out, and their answers never arrive."""
    left = [times]

    def happen(request: AWSPreparedRequest) -> None:
        if left[0] > 0:
            left[0] -= 1
            _send(request, _statements(request))
            raise ReadTimeoutError(endpoint_url=request.url)

    return happen


def _statements(request: AWSPreparedRequest) -> list[Any]:
    assert isinstance(request.body, bytes)
    statements: list[Any] = json.loads(request.body)["Statements"]
    return statements


def _send(request: AWSPreparedRequest, statements: list[Any]) -> list[Any]:
    headers = {name: _text(value) for name, value in request.headers.items() if name.lower() != "content-length"}
    body = json.dumps({"Statements": statements}).encode()
    answer = urllib3.request("POST", request.url, body=body, headers=headers, retries=False)
    assert answer.status == 200, answer.data
    responses: list[Any] = answer.json()["Responses"]
    return responses


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _response(request: AWSPreparedRequest, status: int, value: Any) -> AWSResponse:
    raw = urllib3.HTTPResponse(BytesIO(json.dumps(value).encode()), status=status, preload_content=False)
    return AWSResponse(request.url, status, HTTPHeaders(), raw)
