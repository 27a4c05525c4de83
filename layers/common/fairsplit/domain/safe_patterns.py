"""Patterns that a stranger writes and that run on every request: only those that cannot take long."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

# Python's own pattern parser has no public name.
codes: Any = import_module("re._constants")
parser: Any = import_module("re._parser")

LONGEST_PATTERN = 256
QUICK_UP_TO = 500  # characters of a text on which every pattern that is taken is quick
MOST_STEPS = 2 * 10**8  # on such a text, at worst: two seconds
MOST_STEPS_LONG = MOST_STEPS // 10  # on a longer one
LONGEST = 16_000  # more than the attributes of a request hold
BOUNDED = 20  # a repetition that may vary by more counts as one without a bound
REPEATS = {codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT}
REFUSED = {codes.GROUPREF, codes.GROUPREF_EXISTS, codes.ASSERT, codes.ASSERT_NOT}
SLOW = "it could take too long: begin it with ^, or use fewer of * + ? {} |"


@dataclass(frozen=True, slots=True)
class Ways:
    """In how many ways a pattern can be tried from one place of a text: `choices`, and `unbounded` repetitions."""

    choices: int = 1
    unbounded: int = 0

    def then(self, other: Ways) -> Ways:
        """The ways of this pattern with the other behind it."""
        return Ways(self.choices * other.choices, self.unbounded + other.unbounded)

    def or_else(self, other: Ways) -> Ways:
        """The ways of either pattern."""
        return Ways(self.choices + other.choices, max(self.unbounded, other.unbounded))


NO_WAY = Ways(0)


def why_unsafe(pattern: str) -> str | None:
    """Why a pattern is not taken, in words; None where it is.

    Taken is what backtracks by a small power of the text's length at worst: no quantifier around another or around
    alternatives, no references or look-arounds, and few enough of the others.
    """
    if len(pattern) > LONGEST_PATTERN:
        return f"it is longer than {LONGEST_PATTERN} characters"
    try:
        tree = parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"it is no regular expression ({str(error)[:80]})"
    return _why(tree, repeated=False) or (None if _steps(tree, QUICK_UP_TO) <= MOST_STEPS else SLOW)


@lru_cache(maxsize=256)
def longest_text(pattern: str) -> int:
    """The number of characters up to which the pattern, one that is taken, is quick."""
    tree, length = parser.parse(pattern), QUICK_UP_TO
    while length < LONGEST and _steps(tree, 2 * length) <= MOST_STEPS_LONG:
        length *= 2
    return length


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


def _steps(tree: Any, length: int) -> float:
    """A bound of the steps on a text of that length, from all places where the pattern may begin.

    What k repetitions without a bound take of a text can be chosen in lengthᵏ/k! ways, the place where they begin
    among it; each way is a step for each character that the pattern needs at least.
    """
    ways, width = _ways(tree), int(tree.getwidth()[0])
    free = ways.unbounded + (0 if _is_anchored(tree) else 1)
    return ways.choices * max(1, width) * float(length**free) / math.factorial(free)


def _ways(tree: Any) -> Ways:
    ways = Ways()
    for code, argument in tree:
        ways = ways.then(_ways_of(code, argument))
    return ways


def _ways_of(code: Any, argument: Any) -> Ways:
    parts = [_ways(part) for part in _parts(code, argument)]
    if code is codes.BRANCH:
        found = NO_WAY
        for part in parts:
            found = found.or_else(part)
        return found
    if code not in REPEATS:
        return parts[0] if parts else Ways()
    least, most = argument[0], argument[1]
    if most - least > BOUNDED:
        return Ways(1, 1)
    return parts[0].or_else(Ways()) if (least, most) == (0, 1) else Ways(most - least + 1)


def _is_anchored(tree: Any) -> bool:
    """Whether the pattern can begin at the text's beginning alone."""
    starts = [(codes.AT, codes.AT_BEGINNING), (codes.AT, codes.AT_BEGINNING_STRING)]  # a node need not be hashable
    return bool(len(tree) and tree[0] in starts and not tree.state.flags & re.MULTILINE)


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
