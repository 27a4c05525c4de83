"""Calls on their way from boto3 to the engine: read, carried out by hand, or answered in the engine's place."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import urllib3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

CONNECTIONS = urllib3.PoolManager(retries=False)


def body_of(request: AWSPreparedRequest) -> Any:
    """What the call asks for."""
    assert isinstance(request.body, bytes)
    return json.loads(request.body)


def send(request: AWSPreparedRequest, body: Any = None) -> Any:
    """Carry the call out, with another body if there is one; the engine's answer."""
    headers = {name: _text(value) for name, value in request.headers.items() if name.lower() != "content-length"}
    content: Any = request.body if body is None else json.dumps(body).encode()
    return CONNECTIONS.request("POST", request.url, body=content, headers=headers).json()


def respond(request: AWSPreparedRequest, status: int, value: Any) -> AWSResponse:
    """An answer of ours in place of the engine's."""
    raw = urllib3.HTTPResponse(BytesIO(json.dumps(value).encode()), status=status, preload_content=False)
    return AWSResponse(request.url, status, HTTPHeaders(), raw)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
