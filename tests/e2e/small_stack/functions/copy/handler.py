"""Copies new items; an item named poison fails its batch from there on."""

from typing import Any

from shared import put  # type: ignore[import-not-found]  # the layer is on the path only where it runs


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    for record in event["Records"]:
        key = record["dynamodb"]["Keys"]["pk"]["S"]
        if key == "poison":
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        put("COPIES_TABLE", key)
    return {"batchItemFailures": []}
