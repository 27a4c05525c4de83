"""The keys that people give to experiments, variants and metrics."""

from __future__ import annotations

import re

KEY = r"^[a-z0-9][a-z0-9_-]{0,63}$"


def is_key(text: str) -> bool:
    """Whether the text could be the key of an experiment, a variant or a metric."""
    return re.fullmatch(KEY, text) is not None
