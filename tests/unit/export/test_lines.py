"""Lines of CSV: read back as they were, and safe in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.export.lines import Cell, line
from fairsplit.domain.export.numbers import decimal

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), max_size=5))
def test_texts_are_read_back_as_they_were(rows: list[list[str]]) -> None:
    assert read("".join(line(row) for row in rows)) == rows


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (0.1, "0.1"),
        (1e-13, "1e-13"),
        ("", ""),
        ('a"b', '"a""b"'),
    ],
)
def test_values_are_written_as_in_json_and_nothing_is_empty(cell: Cell, written: str) -> None:
    assert line([cell, "end"]) == f"{written},end\r\n"


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30", "-x", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1", "\uff20SUM(A1)"]
)
def test_what_begins_like_a_formula_gets_an_apostrophe_unless_raw(text: str) -> None:
    assert read(line([text], raw=False)) == [[f"'{text}"]]
    assert read(line([text], raw=True)) == [[text]]


@pytest.mark.parametrize("text", ["-1", "-0.5", "-1e-7", "a=1", "1", "'x"])
def test_numbers_and_other_texts_do_not(text: str) -> None:
    assert read(line([text], raw=False)) == [[text]]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1, "0.0001"), (12345, "1.2345"), (50_000, "5"), (-5, "-0.0005"), (10**13, "1000000000")],
)
def test_ten_thousandths_are_exact_decimals(value: int, text: str) -> None:
    assert decimal(value) == text
