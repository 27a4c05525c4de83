"""DynamoDB Streams' own JSON, spoken to a local engine.

The SDK turns each record into Python values, 100 µs each, only for us to turn them back: an engine's JSON is what
Lambda sends. No local engine looks at the signature.
"""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from local.templates import REGION

VERSION = "DynamoDBStreams_20120810"
TIMEOUT = 30  # seconds
HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "Authorization": f"AWS4-HMAC-SHA256 Credential=local/20260101/{REGION}/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=0",
    "X-Amz-Date": "20260101T000000Z",
}


class StreamError(Exception):
    """The engine refused a call, or did not answer; `code` is its word for why."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


class StreamsApi:
    """Calls over one connection that is kept; for one thread."""

    def __init__(self, endpoint_url: str) -> None:
        address = urlsplit(endpoint_url)
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(address.hostname or "", address.port, timeout=TIMEOUT)

    def __del__(self) -> None:
        self.connection.close()

    def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """The answer of an operation.

        Raises:
            StreamError: there is none.
        """
        try:
            headers = {**HEADERS, "X-Amz-Target": f"{VERSION}.{operation}"}
            self.connection.request("POST", "/", json.dumps(arguments), headers)
            response = self.connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.connection.close()  # the next call opens it again
            raise StreamError("NoAnswer", str(error)) from error
        if response.status == 200:
            return answer
        code = str(answer.get("__type", response.status)).rpartition("#")[2]
        raise StreamError(code, str(answer.get("message") or answer.get("Message")))
