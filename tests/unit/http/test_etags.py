"""ETags and If-Match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.errors import StaleError
from fairsplit.http.etags import check_match, etag_of


def matches(header: str, version: int = 7) -> bool:
    try:
        check_match({"headers": {"If-Match": header}}, version)
    except StaleError:
        return False
    return True


def test_a_request_without_if_match_matches_any_version() -> None:
    check_match({"headers": {}}, 7)
    check_match({}, 7)


@pytest.mark.parametrize(
    "header", ['"7"', "*", " * ", '"7" ', '"6","7"', '"6" , "7"', 'W/"6", "7"', '"a,b", "7"', '"", "7"']
)
def test_a_list_with_the_strong_tag_matches(header: str) -> None:
    assert matches(header)


@pytest.mark.parametrize(
    "header",
    [
        'W/"7"',
        "7",
        '"7',
        '7"',
        '"6"',
        "",
        " ",
        ",",
        '"7",',
        ',"7"',
        '"7" "6"',
        'x"7"',
        '"7"x',
        '"7", *',
        '"a""7"',
        '" 7"',
    ],
)
def test_anything_else_does_not(header: str) -> None:
    assert not matches(header)


@given(st.integers(min_value=1), st.integers(min_value=1))
def test_a_version_matches_itself_alone(one: int, other: int) -> None:
    assert matches(etag_of(one), other) == (one == other)


@given(st.text())
def test_no_header_is_an_error_of_ours(header: str) -> None:
    assert matches(header) in {True, False}
