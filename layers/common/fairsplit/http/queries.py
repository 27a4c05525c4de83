"""Query parameters, limits and cursors: read strictly, refused with their name."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any

from fairsplit.domain.errors import InvalidError


def parameters(event: Mapping[str, Any]) -> dict[str, str]:
    """The query's parameters; one that is given twice has its values joined by commas."""
    return dict(event.get("queryStringParameters") or {})


def invalid(name: str, code: str, message: str) -> InvalidError:
    """The error of one bad parameter."""
    return InvalidError.at(("query", name), code, message)


def choice(event: Mapping[str, Any], name: str, allowed: Iterable[str]) -> str | None:
    """The parameter's value, one of those allowed; None where it is not given.

    Raises:
        InvalidError: it is another.
    """
    value = parameters(event).get(name)
    options = list(allowed)
    if value is None or value in options:
        return value
    raise invalid(name, f"unknown_{name}", f"{name} has to be one of: {', '.join(options) or 'none here'}.")


def limit_of(event: Mapping[str, Any], most: int = 100, default: int = 50) -> int:
    """The page's size.

    Raises:
        InvalidError: it is no whole number from 1 to `most`.
    """
    text = parameters(event).get("limit")
    if text is None:
        return min(default, most)
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= most):
        raise invalid("limit", "limit_invalid", f"limit has to be a whole number from 1 to {most}.")
    return int(text)


def cursor_of(event: Mapping[str, Any], fields: int) -> list[Any] | None:
    """What the cursor of the page before holds, `fields` texts, whole numbers or nulls; None on the first page.

    Raises:
        InvalidError: it is no cursor of ours.
    """
    text = parameters(event).get("cursor")
    if text is None:
        return None
    try:
        value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        value = None
    if not isinstance(value, list) or len(value) != fields or not all(_is_plain(one) for one in value):
        raise invalid("cursor", "cursor_invalid", "cursor has to be the next_cursor of the page before, as it was.")
    return value


def to_cursor(values: Iterable[str | int | None]) -> str:
    """An opaque cursor that `cursor_of` reads back."""
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode().rstrip("=")


def page_of(items: list[Any], following: Iterable[str | int | None] | None) -> dict[str, Any]:
    """A page's answer; `following` is None at the end."""
    return {"items": items, "next_cursor": None if following is None else to_cursor(following)}


def _is_plain(value: Any) -> bool:
    return value is None or (isinstance(value, str | int) and not isinstance(value, bool) and len(str(value)) <= 2_000)
