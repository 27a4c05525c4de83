"""The flat table of results: every number of the answer has its column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairsplit.domain.export.results import HEADER, OF_COMPARISON, OF_VARIANT, rows
from tests.unit.making import ORDERS, PURCHASED, experiment
from tests.unit.results.fake_reader import SHOP, FakeReader, units

NAMES = {"metric", "role", "variant"}  # have columns of their own
ROLES = {metric.key: metric.role for metric in SHOP.metrics}


def paths(value: Any, name: str = "") -> Iterator[str]:
    """The paths of all plain values in it."""
    if not isinstance(value, dict | list):
        yield name
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield from paths(inner, f"{name}.{key}" if name else str(key))


def table(answer: Any, roles: dict[str, Any] = ROLES) -> list[dict[str, Any]]:
    return [dict(zip(HEADER, row, strict=True)) for row in rows(answer, roles)]


def without_column(answers: Iterable[Any], columns: Mapping[str, str]) -> set[str]:
    """The paths that no column has, nor any deeper one: what is null there has no parts."""
    seen = {path for one in answers for path in paths(one) if not path.startswith("notes")}
    return {path for path in seen if not any(f"{known}.".startswith(f"{path}.") for known in columns.values())}


def test_every_number_has_a_column() -> None:
    answer = FakeReader().results()
    assert not without_column((one for found in answer["variants"] for one in found["metrics"].values()), OF_VARIANT)
    assert without_column(answer["comparisons"], OF_COMPARISON) == NAMES


def test_cells_are_the_answers_values() -> None:
    answer = FakeReader().results()
    control, green = (row for row in table(answer) if row["metric"] == "visits")
    told = next(one for one in answer["comparisons"] if one["metric"] == "visits")
    assert (green["role"], green["guardrail"]) == ("guardrail", told["guardrail"] and told["guardrail"]["status"])
    assert green["notes"] == "no_variance control_mean_zero"
    assert control["notes"] == "no_variance"
    assert [control[name] for name in OF_COMPARISON] == [None] * len(OF_COMPARISON)


def test_a_metric_with_a_window_has_its_own_units() -> None:
    one = experiment(PURCHASED | {"window_hours": 24}, ORDERS)
    answer = FakeReader(one, units(one)).results()
    found = {(row["metric"], row["variant"]): row for row in table(answer, dict.fromkeys(("purchased", "orders")))}
    assert found["orders", "green"]["metric_units"] == found["orders", "green"]["units"] == 6
    row = found["purchased", "green"]
    assert (row["units"], row["metric_units"]) == (6, answer["variants"][1]["metrics"]["purchased"]["units"])
    assert row["metric_units"] < 6
