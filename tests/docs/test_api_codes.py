"""docs/api.md has every route and every code that the source can answer with, and no other."""

from __future__ import annotations

import pytest

from fairsplit.http import ofrep_errors
from fairsplit.http.routes import ROUTES
from tests.docs.codes import MADE_OF_NAMES, NEVER_ANSWERED, PASSED_ON, answered, found_in_source
from tests.docs.markdown import API, INLINE

FOUND = found_in_source()


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in ROUTES])
def test_a_route_stands_in_the_page(method: str, path: str) -> None:
    assert f"`{method} {path}`" in API.text


def test_every_code_stands_in_the_page() -> None:
    missing = [code for code in sorted(answered(FOUND)) if f"`{code}`" not in API.text]
    assert missing == []


def test_the_list_of_all_codes_has_none_that_nothing_answers() -> None:
    listed = set(INLINE.findall(API.section("All error codes")))
    assert len(listed) > 80
    assert listed - answered(FOUND) == set()


def test_every_code_of_ofrep_stands_in_its_section() -> None:
    ways = [*ofrep_errors.OF_TYPE.values(), *ofrep_errors.OF_CODE.values(), ofrep_errors.FAULT]
    rows = {f"| {status:d} | `{code}` |" for status, code in ways}
    assert [row for row in sorted(rows) if row not in API.section("OpenFeature remote evaluation")] == []


def test_codes_that_are_put_together_are_known() -> None:
    assert FOUND.made == set(MADE_OF_NAMES)


def test_no_code_comes_from_where_it_is_not_looked_for() -> None:
    assert FOUND.passed_on <= PASSED_ON
    assert FOUND.plain >= NEVER_ANSWERED
