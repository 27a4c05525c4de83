"""ETags, If-Match and If-None-Match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.errors import StaleError
from fairsplit.http.etags import check_match, etag_of, etag_of_bytes, is_known


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
    assert is_known({"headers": {"if-none-match": header}}, '"7"') in {True, False}


@pytest.mark.parametrize("header", ['"7"', 'W/"7"', "*", " * ", '"6", "7"', '"6",W/"7" ', '"a,b", "7"'])
def test_what_the_caller_has_is_known_weakly_or_not(header: str) -> None:
    assert is_known({"headers": {"If-None-Match": header}}, '"7"')


@pytest.mark.parametrize("header", ["", "7", '"6"', '"7', 'w/"7"', '"7" "6"', '"7",', '"7", *', "**"])
def test_anything_else_is_not_known(header: str) -> None:
    assert not is_known({"headers": {"if-none-match": header}}, '"7"')
    assert not is_known({}, '"7"')


def test_other_bytes_have_another_tag() -> None:
    tags = [etag_of_bytes(content) for content in (b"", b"1", b"1.0", b"1")]
    assert tags[1] == tags[3]
    assert len(set(tags)) == 3
    assert all(len(tag) == 34 for tag in tags)
