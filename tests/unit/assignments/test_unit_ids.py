"""Which texts may be unit ids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.unit_ids import is_unit_id


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=256))
def test_any_unicode_but_control_characters_and_surrogates_is_one(text: str) -> None:
    assert is_unit_id(text)


@given(
    st.text(max_size=5),
    st.sampled_from(["\x00", "\n", "\r", "\t", "\x1f", "\x7f", "\x85", "\x9f", "\ud800", "\udfff"]),
    st.text(max_size=5),
)
def test_a_text_with_a_control_character_or_half_of_a_pair_is_none(before: str, bad: str, after: str) -> None:
    assert not is_unit_id(before + bad + after)


@pytest.mark.parametrize(("length", "expected"), [(0, False), (1, True), (256, True), (257, False)])
def test_it_has_1_to_256_characters_however_many_bytes_they_take(length: int, expected: bool) -> None:
    assert is_unit_id("x" * length) is expected
    assert is_unit_id("😀" * length) is expected
