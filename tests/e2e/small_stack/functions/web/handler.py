"""Answers HTTP, in good ways and in bad ones."""

import os
import time
from typing import Any

from shared import keys, put  # type: ignore[import-not-found]  # the layer is on the path only where it runs


def lambda_handler(event: dict[str, Any], context: Any) -> Any:
    route, name = event["routeKey"], (event.get("pathParameters") or {}).get("name")
    if route == "GET /v1/health":
        return {"status": "ok", "greeting": os.environ["GREETING"]}
    if route == "PUT /items/{name}":
        put("ITEMS_TABLE", name)
        return {"statusCode": 201, "body": name}
    if route == "GET /copies":
        return keys("COPIES_TABLE")
    return faulty(name) if route == "GET /fault/{name}" else echo(event, context)


def echo(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The event, and how much time there is."""
    seen = {"event": event, "milliseconds": context.get_remaining_time_in_millis(), "pid": os.getpid()}
    return {
        **seen,
        "name": context.function_name,
        "memory": context.memory_limit_in_mb,
        "region": os.environ["AWS_REGION"],
    }


def faulty(name: str | None) -> dict[str, Any]:
    if name == "raise":
        raise RuntimeError("on purpose")
    if name == "sleep":
        time.sleep(60)
    if name == "exit":
        os._exit(3)
    return {"statusCode": "nonsense"}
