"""Unit ids in paths."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.errors import InvalidError
from fairsplit.domain.unit_ids import UNIT_ID, is_unit_id
from fairsplit.http.paths import unit_id_of
from tests.outcomes import FINE, outcome_of


def written(unit_id: str) -> str:
    return "~" + base64.urlsafe_b64encode(unit_id.encode()).decode().rstrip("=")


@given(st.from_regex(UNIT_ID, fullmatch=True))
def test_any_unit_id_can_be_written(unit_id: str) -> None:
    assert unit_id_of(written(unit_id)) == unit_id


@given(st.from_regex(r"[A-Za-z0-9._:@-]{1,128}", fullmatch=True))
def test_a_plain_one_stands_for_itself(unit_id: str) -> None:
    assert unit_id_of(unit_id) == unit_id


@given(st.text() | st.text().map(lambda text: "~" + text))
def test_any_segment_is_a_unit_id_or_refused(segment: str) -> None:
    if outcome_of(lambda: unit_id_of(segment)) == FINE:
        assert is_unit_id(unit_id_of(segment))
    else:
        assert outcome_of(lambda: unit_id_of(segment)) == "unit_id_invalid"


@pytest.mark.parametrize("segment", ["", "x" * 129, "a b", "ü", "a/b", "~", "~A", "~=", "~_w", "~AA", "a\n", "~YQ\n"])
def test_what_is_none_is_refused(segment: str) -> None:
    with pytest.raises(InvalidError):
        unit_id_of(segment)


@pytest.mark.parametrize("unit_id", ["", "x" * 257, "a\x00", "a\x7f", "a\x9f", "\n"])
def test_an_id_that_breaks_the_rule_is_refused_however_it_is_written(unit_id: str) -> None:
    with pytest.raises(InvalidError):
        unit_id_of(written(unit_id))
