"""The sample events of events/, one for each function: what `make invoke` and `sam local invoke` take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[1] / "events"


def sample(function: str) -> dict[str, Any]:
    """A function's sample event."""
    event: dict[str, Any] = json.loads((SAMPLES / f"{function}.json").read_text())
    return event
