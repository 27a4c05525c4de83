"""Strategies for events as clients send them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from fairsplit.domain.timestamps import to_text

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def texts(length: int) -> st.SearchStrategy[str]:
    """Any Unicode but control characters and surrogates."""
    return st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=length)


types = texts(128).filter(lambda text: not text.startswith("$"))
ten_thousandths = st.integers(-(10**13), 10**13)
timestamps = st.timedeltas(timedelta(), timedelta(days=90)).map(lambda ago: NOW - ago)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts(10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(5), inner, max_size=3),
    max_leaves=5,
)
properties = st.dictionaries(texts(10), json_values, max_size=3)


@st.composite
def raw_events(draw: st.DrawFn) -> dict[str, Any]:
    """A valid event with any of the optional fields."""
    raw: dict[str, Any] = {"unit_id": draw(texts(256)), "type": draw(types)}
    optional = {
        "event_id": texts(128),
        "timestamp": timestamps.map(to_text),
        "value": ten_thousandths.map(lambda number: number / 10_000),
        "properties": properties,
    }
    for name, strategy in optional.items():
        if draw(st.booleans()):
            raw[name] = draw(strategy)
    return raw


def few_units_events() -> st.SearchStrategy[list[dict[str, Any]]]:
    """A call's events of few units, days and ids, so that many of them meet."""
    event = st.fixed_dictionaries(
        {"unit_id": st.sampled_from(["u-1", "ü 2", "3"]), "type": st.just("purchase")},
        optional={
            "event_id": st.sampled_from([f"id-{number}" for number in range(8)]),
            "timestamp": st.integers(0, 3).map(lambda days: to_text(NOW - timedelta(days=days))),
            "properties": st.sampled_from([{}, {"note": "x" * 8_000}]),
        },
    )
    return st.lists(event | event.map(as_exposure), min_size=1, max_size=40)


def as_exposure(raw: dict[str, Any]) -> dict[str, Any]:
    """The same, but the unit met a variant."""
    met = {"experiment": "a", "variant": "green"}
    return raw | {"type": "$exposure", "properties": raw.get("properties", {}) | met}
