"""Patterns of targeting: which are taken, and that those cannot take long on any text."""

from __future__ import annotations

import re

import pytest

from fairsplit.domain.safe_patterns import LONGEST, LONGEST_PATTERN, QUICK_UP_TO, longest_text, why_unsafe
from fairsplit.domain.targeting import matches

TAKEN = [
    "", "/checkout", "-12-25$", "(Mobile|Tablet)", r"^\d{4}-\d{2}$", r"^[\w.+-]+@[\w-]+\.[\w.]+$", "foo.*bar.*baz",
    r"^https?://.*\.shop\..*/cart", "a{1,20}b", "(?i)chrome", "a*+b", "(?>a|ab)c", "colou?r", "(?:ab){2,5}",
    r"\d", "[a-c]", "[^@]@",
]  # fmt: skip
NO_EXPRESSION = ["(", "[a", "a**", "/???***[)", "a{99999999999}", "(?P<x", "(" * 256]
REPEATS_WHAT_REPEATS = ["(a+)+$", "(a*)*", "(a?){9}b", "((ab)*c)*", "(?:a{1,3}){1,3}", "(?:(?:x+x)+y)+"]
LOOKS_AROUND = [r"(a)\1", "(?=a)b", "(?!a)b", "(?<=a)b", "(a)?(?(1)b|c)"]
TOO_MANY = [
    "a?" * 30 + "b", "(a|aa)" * 20 + "c", "a{0,20}" * 9 + "b", "a*a*a*b", ".*a.*b.*c.*d", "^a*a*a*a*b", "(?m)^a*a*a*b",
    "a{0,21}a{0,21}a{0,21}b", "a*a*a{200}b", "(^a*)a*a*b",
    "(a*|b)(a*|b)(a*|b)c", "(a*)?(a*)?(a*)?b",
]  # fmt: skip


@pytest.mark.parametrize("pattern", TAKEN)
def test_what_is_quick_is_taken(pattern: str) -> None:
    assert why_unsafe(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        *((one, "no regular expression") for one in NO_EXPRESSION),
        *((one, "repeats what repeats") for one in REPEATS_WHAT_REPEATS),
        *((one, "looks around") for one in LOOKS_AROUND),
        *((one, "could take too long") for one in TOO_MANY),
        ("^(a|ab)+$", "repeats alternatives"),
        ("a" * (LONGEST_PATTERN + 1), "longer than 256"),
    ],
)
def test_what_could_take_long_is_refused_and_says_why(pattern: str, reason: str) -> None:
    assert reason in (why_unsafe(pattern) or "")


def test_the_longest_pattern_is_taken() -> None:
    assert why_unsafe("a" * LONGEST_PATTERN) is None


def test_an_anchor_at_the_beginning_allows_one_repetition_more() -> None:
    assert why_unsafe("a*a*a*b")
    assert why_unsafe("^a*a*a*b") is None
    assert why_unsafe(r"\Aa*a*a*b") is None


@pytest.mark.parametrize("pattern", ["foo.*bar.*baz", "^.*a.*b.*c"])
def test_any_pattern_that_is_taken_is_quick_on_500_characters(pattern: str) -> None:
    assert longest_text(pattern) == QUICK_UP_TO


def test_a_simple_pattern_is_quick_on_all_that_a_request_can_hold() -> None:
    assert longest_text("/checkout") == LONGEST > 8_192
    assert QUICK_UP_TO < longest_text("a*b") < LONGEST


def test_a_pattern_finds_nothing_in_a_text_on_which_it_could_take_long() -> None:
    for pattern, found in (("x", True), ("x.*y.*z", False)):
        assert matches({"id": {"$regex": pattern}}, {"id": "x" * 600 + "yz"}) is found
        assert matches({"id": {"$regexi": pattern}}, {"id": "XYZ"})


@pytest.mark.parametrize("pattern", ["a*a*b", "^a*a*a*b", "a{0,20}" * 4 + "b", "a?" * 12 + "b", "(a|aa)" * 8 + "b"])
def test_the_worst_text_is_searched_to_its_end(pattern: str) -> None:
    """A pattern that were taken by mistake would not come back before the test's time is up."""
    assert why_unsafe(pattern) is None
    assert re.search(pattern, "a" * longest_text(pattern)) is None
