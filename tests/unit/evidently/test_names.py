"""Evidently's names become keys: the same name always the same key, and a key itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.evidently_names import key_of_feature
from fairsplit.domain.keys import KEY, is_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("showDiscount", "showdiscount"),
        ("Checkout.Button_2", "checkout-button_2"),
        ("_hidden", "f_hidden"),
        ("-", "f-"),
        ("...", "f---"),
        ("a" * 64, "a" * 64),
        ("A" * 127, "a" * 55 + "-" + "c57e9278"),
    ],
)
def test_a_name_becomes_its_key(name: str, key: str) -> None:
    assert key_of_feature(name) == key


@given(st.text())
def test_whatever_the_name_is_its_key_is_one(name: str) -> None:
    assert is_key(key_of_feature(name))


@given(st.from_regex(KEY.removesuffix("$") + r"\Z"))
def test_a_key_stays_as_it_is(key: str) -> None:
    assert key_of_feature(key) == key


def test_long_names_that_differ_at_their_ends_have_keys_that_differ() -> None:
    keys = {key_of_feature("a" * 100 + str(number)) for number in range(1_000)}
    assert len(keys) == 1_000
