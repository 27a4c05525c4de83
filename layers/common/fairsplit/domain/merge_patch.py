"""JSON merge patch (RFC 7396), with four objects that are replaced whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REPLACED_WHOLE = frozenset({"targeting", "overrides"})  # variants and metrics are lists, and replaced whole by the RFC


def merge(target: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """The target with the patch: objects are merged, null removes, all else replaces."""
    merged = dict(target)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and name not in REPLACED_WHOLE:
            before = merged.get(name)
            merged[name] = merge(before if isinstance(before, dict) else {}, value)
        else:
            merged[name] = value
    return merged
