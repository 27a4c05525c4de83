"""Answers as pages show them: JSON in which `...` stands for what is left out, and times are those of another day."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

LEFT_OUT = "..."
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\.\.\.|[\[\]{}]|[^"\[\]{}.]+|\.')
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def parse(text: str) -> Any:
    """The JSON of a page, with LEFT_OUT as a name of the object or an item of the list that leaves something out."""
    inside: list[str] = []
    parts = []
    for token in TOKEN.findall(text):
        if token in "{[":
            inside.append(token)
        elif token in "}]":
            inside.pop()
        left_out = f'"{LEFT_OUT}": null' if inside[-1:] == ["{"] else f'"{LEFT_OUT}"'
        parts.append(left_out if token == LEFT_OUT else token)
    return json.loads("".join(parts))


def differences(shown: Any, actual: Any, place: str = "answer") -> Iterator[str]:
    """Where an answer is not as shown, but for what is left out and for times."""
    if isinstance(shown, dict) and isinstance(actual, dict):
        yield from _of_objects(shown, actual, place)
    elif isinstance(shown, list) and isinstance(actual, list):
        yield from _of_lists(shown, actual, place)
    elif _is_time(shown) and _is_time(actual):
        return
    elif json.dumps(shown) != json.dumps(actual):
        yield f"{place} is shown as {shown!r} and is {actual!r}"


def _of_objects(shown: dict[str, Any], actual: dict[str, Any], place: str) -> Iterator[str]:
    names = shown.keys() - {LEFT_OUT}
    if not names <= actual.keys() or (LEFT_OUT not in shown and names != actual.keys()):
        yield f"{place} is shown with {sorted(names)} and has {sorted(actual)}"
    for name in sorted(names & actual.keys()):
        yield from differences(shown[name], actual[name], f"{place}.{name}")


def _of_lists(shown: list[Any], actual: list[Any], place: str) -> Iterator[str]:
    items = [item for item in shown if item != LEFT_OUT]
    if len(items) > len(actual) or (LEFT_OUT not in shown and len(items) != len(actual)):
        yield f"{place} is shown with {len(items)} items and has {len(actual)}"
    for number, (one, other) in enumerate(zip(items, actual, strict=False)):
        yield from differences(one, other, f"{place}.{number}")


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and TIME.fullmatch(value) is not None
