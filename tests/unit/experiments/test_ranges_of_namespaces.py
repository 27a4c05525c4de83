"""Ranges of a namespace: who has which, what overlaps, and what is free."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairsplit.domain.errors import ConflictError
from fairsplit.domain.experiment import Namespace
from fairsplit.domain.namespaces import MOST, Taken, range_of
from tests.unit.making import experiment

RANGES = st.tuples(st.integers(0, 99), st.integers(1, 100)).filter(lambda span: span[0] < span[1])


def namespace(start: float, end: float) -> Namespace:
    return Namespace.model_validate({"key": "n", "from": start, "to": end})


def refused(taken: Taken, start: float, end: float, key: str = "new") -> str:
    with pytest.raises(ConflictError) as caught:
        taken.taken_by(key, namespace(start, end))
    assert caught.value.faults[0].loc == ("namespace",)
    return f"{caught.value.code}: {caught.value.detail}"


@given(st.lists(RANGES, max_size=8))
def test_what_is_taken_never_overlaps_and_what_overlaps_is_refused(wanted: list[tuple[int, int]]) -> None:
    taken = Taken("n")
    for number, span in enumerate(wanted):
        overlaps = any(set(range(*span)) & set(range(*map(int, one))) for one in taken.ranges.values())
        if overlaps:
            assert refused(taken, *span).startswith("namespace_overlap")
        else:
            taken = taken.taken_by(str(number), namespace(*span))
    assert sum(end - start for start, end in taken.ranges.values()) <= 100


def test_the_other_one_and_what_is_free_are_named() -> None:
    taken = Taken("n", {"a": (10, 40), "b": (70, 100)})
    assert refused(taken, 39.5, 60) == (
        "namespace_overlap: a has 10 to 40 of the namespace n, and may run at the same time. "
        "Take a range that is free: 0 to 10, 40 to 70."
    )
    assert "none is, until" in refused(Taken("n", {"a": (0, 100)}), 0, 1)


def test_ranges_that_touch_do_not_overlap() -> None:
    taken = Taken("n", {"a": (30, 60)}).taken_by("before", namespace(10, 30)).taken_by("behind", namespace(60, 75.5))
    assert taken.free() == "0 to 10, 75.5 to 100"


def test_an_experiment_may_change_its_range_and_give_it_back() -> None:
    taken = Taken("n", {"a": (0, 50)}, 3)
    assert taken.taken_by("a", namespace(25, 75)) == Taken("n", {"a": (25, 75)}, 3)
    assert taken.without("a").taken_by("b", namespace(0, 50)) == Taken("n", {"b": (0, 50)}, 3)


def test_a_namespace_holds_so_many() -> None:
    full = Taken("n", {str(number): (number / 2, number / 2 + 0.5) for number in range(MOST)})
    assert refused(full, 99, 100).startswith("namespace_full")


@pytest.mark.parametrize(
    ("status", "keeps"),
    [("draft", True), ("active", True), ("paused", True), ("completed", False), ("archived", False)],
)
def test_who_may_run_keeps_others_out(status: Any, keeps: bool) -> None:
    one = experiment(status=status, namespace={"key": "n", "from": 0, "to": 5})
    assert range_of(one) == (one.namespace if keeps else None)
    assert range_of(None) is None
