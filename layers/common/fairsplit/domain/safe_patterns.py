"""Patterns that a stranger writes and that run on every request: only those that cannot take long."""

from __future__ import annotations

import re
from re import _constants as codes  # type: ignore[attr-defined]  # Python's own pattern parser has no public name
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

LONGEST_PATTERN = 256
LONGEST_SUBJECT = 1_000
MOST_REPEATS = 3  # quantifiers without a bound in one pattern: time grows with the subject to this power
BOUNDED = 20
REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
REFUSED = {codes.GROUPREF, codes.GROUPREF_EXISTS, codes.ASSERT, codes.ASSERT_NOT}


def why_unsafe(pattern: str) -> str | None:
    """Why a pattern is not taken, in words; None where it is.

    Taken is what backtracks by a small power of the subject's length at worst: no quantifier around another or around
    alternatives, at most three unbounded ones, no references or look-arounds.
    """
    if len(pattern) > LONGEST_PATTERN:
        return f"it is longer than {LONGEST_PATTERN} characters"
    try:
        tree = parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"it is no regular expression ({str(error)[:80]})"
    return _why(tree, repeated=False) or (
        "it repeats without a bound too often" if _repeats(tree) > MOST_REPEATS else None
    )


def _why(tree: Any, *, repeated: bool) -> str | None:
    for code, argument in tree:
        if code in REFUSED:
            return "it refers to what was found before, or looks around"
        if repeated and code is codes.BRANCH:
            return "it repeats alternatives"
        if repeated and code in REPEATS:
            return "it repeats what repeats"
        inside = repeated or (code in REPEATS and argument[1] > 1)
        reason = next((why for part in _parts(code, argument) if (why := _why(part, repeated=inside))), None)
        if reason:
            return reason
    return None


def _repeats(tree: Any) -> int:
    own = sum(1 for code, argument in tree if code in REPEATS and argument[1] > BOUNDED)
    return own + sum(_repeats(part) for code, argument in tree for part in _parts(code, argument))


def _parts(code: Any, argument: Any) -> list[Any]:
    """The patterns inside one node of the parser's tree."""
    if code in REPEATS:
        return [argument[2]]
    if code is codes.SUBPATTERN:
        return [argument[3]]
    if code is codes.BRANCH:
        return list(argument[1])
    if code is codes.ATOMIC_GROUP:
        return [argument]
    return []
