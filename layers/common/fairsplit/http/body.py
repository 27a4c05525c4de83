"""Bodies: strict JSON, bounded."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from fairsplit.domain.errors import MalformedError, TooLargeError

LARGEST = 1_000_000  # bytes
DEEPEST = 64


def read_object(event: Mapping[str, Any], *, optional: bool = False) -> dict[str, Any]:
    """The request's body as a JSON object; with `optional`, no body is an empty one.

    Raises:
        TooLargeError: it is over 1 MB.
        MalformedError: it is not UTF-8, no JSON, not an object, or nested too deep.
    """
    raw = _bytes_of(event)
    if not raw.strip() and optional:
        return {}
    value = parse(raw)
    if not isinstance(value, dict):
        raise _malformed("The body has to be a JSON object.")
    return value


def parse(raw: bytes) -> Any:
    """A JSON value. Refused besides what is no JSON: NaN and Infinity, lone surrogates, numbers beyond a float.

    Raises:
        TooLargeError: it is over 1 MB.
        MalformedError: it cannot be read.
    """
    if len(raw) > LARGEST:
        raise TooLargeError("too_large", f"The body has {len(raw)} bytes; at most {LARGEST} are allowed.")
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse, parse_float=_finite, parse_int=_bounded)
        _check_depth(value)
        if b"\\ud" in raw.lower():
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError as error:
        raise _malformed(f"The body is nested too deep: at most {DEEPEST} levels are allowed.") from error
    except UnicodeError as error:
        raise _malformed("The body is not valid UTF-8, or holds half of a surrogate pair.") from error
    except ValueError as error:
        raise _malformed(f"The body is not valid JSON: {str(error)[:200]}") from error
    return value


def _bytes_of(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise _malformed("The body is not valid base64.") from error


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [child for one in level if isinstance(one, dict | list) for child in _children(one)]
        if not level:
            return
    raise RecursionError


def _children(value: dict[str, Any] | list[Any]) -> list[Any]:
    children = value.values() if isinstance(value, dict) else value
    return [child for child in children if isinstance(child, dict | list)]


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError("a number is too large")
    return number


def _bounded(text: str) -> int:
    if len(text) > 308:
        raise ValueError("a number is too large")
    return int(text)


def _malformed(detail: str) -> MalformedError:
    return MalformedError("malformed_json", detail)
