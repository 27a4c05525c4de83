"""CSV as RFC 4180 has it: commas, quotes doubled, CRLF."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

Cell = str | int | float | bool | None
FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")  # the last four: the same as wide characters
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def line(cells: Iterable[Cell], *, raw: bool = True) -> str:
    """One row, with its line break. What is not known is empty; true and false are written as in JSON.

    A spreadsheet runs a text that begins like a formula, and clients send texts. Unless it is `raw`, such a text gets
    an apostrophe in front (so does OWASP's page on CSV injection advise), but for plain numbers.
    """
    text = io.StringIO()
    csv.writer(text).writerow([_written(cell, raw=raw) for cell in cells])
    return text.getvalue()


def _written(cell: Cell, *, raw: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if not isinstance(cell, str):
        return repr(cell)
    is_formula = FORMULA.match(cell) and not NUMBER.fullmatch(cell)
    return f"'{cell}" if is_formula and not raw else cell
