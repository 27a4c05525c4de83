"""Calls Evidently's client for each call that stands on the standard input, and prints what comes back."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def call(client: Any, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The client's answer, or the name of the exception that it raised, with what that says."""
    try:
        for event in arguments.get("events", []):
            event.setdefault("timestamp", datetime.now(UTC))
        answer = getattr(client, name)(**arguments)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return {"error": type(error).__name__, "status": status, "message": error.response["Error"].get("Message")}
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


given = json.load(sys.stdin)
connect: Any = boto3.client
config = Config(inject_host_prefix=False, retries={"total_max_attempts": 1})
credentials = {"aws_access_key_id": given["token"], "aws_secret_access_key": "any"}
evidently = connect("evidently", endpoint_url=given["url"], region_name="eu-west-1", config=config, **credentials)
json.dump([call(evidently, name, arguments) for name, arguments in given["calls"]], sys.stdout)
