"""Query parameters, limits and cursors: read strictly, refused with their name."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from fairsplit.domain.errors import InvalidError

T = TypeVar("T")
LARGEST_PAGE = 5_000_000  # bytes; a function's answer may have 6 MB
LONGEST_NAME = 64  # of an unknown parameter, as a client sent it
LONE = re.compile("[\ud800-\udfff]")


def parameters(event: Mapping[str, Any]) -> dict[str, str]:
    """The query's parameters; one that is given twice has its values joined by commas."""
    return dict(event.get("queryStringParameters") or {})


def invalid(name: str, code: str, message: str) -> InvalidError:
    """The error of one bad parameter."""
    return InvalidError.at(("query", name), code, message)


def refuse_unknown(event: Mapping[str, Any], known: Iterable[str]) -> None:
    """Check that the query has no other parameters than those that are known.

    Raises:
        InvalidError: it has.
    """
    names = sorted(known)
    for name in sorted(parameters(event).keys() - set(names)):
        message = f"There is no such parameter. There are: {', '.join(names)}."
        raise invalid(name[:LONGEST_NAME], "unknown_parameter", message)


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


def text_of(event: Mapping[str, Any], name: str, longest: int) -> str | None:
    """The parameter's text; None where it is not given.

    Raises:
        InvalidError: it is empty or too long.
    """
    value = parameters(event).get(name)
    if value is None or 0 < len(value) <= longest:
        return value
    raise invalid(name, f"{name}_invalid", f"{name} has to have 1 to {longest} characters.")


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


def cursor_of(event: Mapping[str, Any], *kinds: type[str] | type[int]) -> list[Any] | None:
    """What the cursor of the page before holds, a value of each kind; None on the first page.

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
    if not isinstance(value, list) or len(value) != len(kinds) or not all(map(_is_plain, value, kinds)):
        raise invalid("cursor", "cursor_invalid", "cursor has to be the next_cursor of the page before, as it was.")
    return value


def to_cursor(values: Iterable[str | int | None]) -> str:
    """An opaque cursor that `cursor_of` reads back."""
    text = json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))  # short: it goes into URLs
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def page_of(items: list[Any], following: Iterable[str | int | None] | None) -> dict[str, Any]:
    """A page's answer; `following` is None at the end."""
    return {"items": items, "next_cursor": None if following is None else to_cursor(following)}


def page_that_fits(
    found: Iterable[T], following: str | None, *, show: Callable[[T], Any], place: Callable[[T], str]
) -> dict[str, Any]:
    """A page of what was found, up to what fits into one answer; the next page begins behind the last one's place."""
    items: list[Any] = []
    size, last = 0, ""
    for one in found:
        item = show(one)
        size += len(json.dumps(json.dumps(item)))  # in a function's answer, the body's text is JSON once more
        if items and size > LARGEST_PAGE:
            return page_of(items, [last])
        items.append(item)
        last = place(one)
    return page_of(items, None if following is None else [following])


def place_before(event: Mapping[str, Any]) -> str | None:
    """Where a page of `page_that_fits` begins; None on the first one.

    Raises:
        InvalidError: the cursor is none of ours.
    """
    values = cursor_of(event, str)
    return values[0] if values else None


def _is_plain(value: Any, kind: type[str] | type[int]) -> bool:
    """Whether the value is of the kind, and could be (part of) a key."""
    if kind is int:
        return type(value) is int and 0 <= value < 1 << 31
    return (
        isinstance(value, str) and 0 < len(value.encode("utf-8", "surrogatepass")) <= 1_024 and not LONE.search(value)
    )
