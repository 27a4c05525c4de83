"""Timestamps are written so that they can be read back, in any year."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.timestamps import cut, from_text, to_text


@given(st.datetimes(timezones=st.just(UTC)))
def test_any_moment_is_read_back(moment: datetime) -> None:
    assert from_text(to_text(moment)) == cut(moment)
    assert len(to_text(moment)) == len("2026-03-01T12:00:00.000Z")
