"""JSON that is never queried inside: one string, compressed where that is smaller."""

from __future__ import annotations

import json
import zlib
from typing import Any

WORTH_TRYING = 512  # characters; below it compression never pays


def pack(value: Any) -> dict[str, Any]:
    """A JSON value as a DynamoDB string, or as compressed binary where that is smaller."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    raw = text.encode()
    if len(raw) >= WORTH_TRYING:
        compressed = zlib.compress(raw, 6)
        if len(compressed) < len(raw):
            return {"B": compressed}
    return {"S": text}


def unpack(attribute: dict[str, Any]) -> Any:
    """The JSON value of a packed attribute."""
    if "B" in attribute:
        return json.loads(zlib.decompress(attribute["B"]))
    return json.loads(attribute["S"])
