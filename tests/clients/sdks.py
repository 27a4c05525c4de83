"""GrowthBook's SDKs, each in its language, loading the features of the running service."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from growthbook import GrowthBook
from growthbook.common_types import FeatureResult

from tests.clients import node

LANGUAGES = ("python", "node")
SCRIPT = (Path(__file__).parent / "evaluate_users.mjs").read_text()
Found = dict[str, dict[str, Any]]  # of each feature: its source, its value, and the variant's key or None


def evaluate(language: str, url: str, token: str, keys: Sequence[str], users: Sequence[dict[str, Any]]) -> list[Found]:
    """What the SDK gives each of the users, who are the attributes that it is given."""
    if language == "python":
        return _by_python(url, token, keys, users)
    given = {"url": url, "token": token, "keys": keys, "users": users}
    found: list[Found] = node.run(SCRIPT, given)
    return found


def _by_python(url: str, token: str, keys: Sequence[str], users: Sequence[dict[str, Any]]) -> list[Found]:
    growthbook = GrowthBook(api_host=url, client_key=token)
    growthbook.load_features()
    found = []
    for user in users:
        growthbook.set_attributes(user)
        found.append({key: _told(growthbook.eval_feature(key)) for key in keys})
    growthbook.destroy()
    return found


def _told(result: FeatureResult[Any]) -> dict[str, Any]:
    variant = result.experimentResult.key if result.experimentResult else None
    return {"source": result.source, "value": result.value, "variant": variant}
