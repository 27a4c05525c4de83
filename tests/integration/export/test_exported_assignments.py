"""GET .../export?what=assignments: each unit once, with what its events add up to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fairsplit.domain.timestamps import now
from tests.counting import counted
from tests.gateway import Gateway
from tests.integration.experiments.making import EXPERIMENTS, create, create_in
from tests.integration.export.exporting import Exports
from tests.pipeline import Pipeline
from tests.traffic import ORDERS, enter, event, noon, numbers, results, send

pytestmark = pytest.mark.engine
ENTRY = noon(3)
REVENUE = {"key": "revenue", "event_type": "purchase", "kind": "mean", "cap": 30}
RATIO = {"key": "aov", "kind": "ratio", "numerator": "revenue", "denominator": "orders"}
UNITS = [f"u-{number}" for number in range(40)]


@pytest.fixture(scope="module")
def key(gateway: Gateway, pipeline: Pipeline) -> str:
    """Forty units, of which `u-1` has bought: once before, twice after it was assigned."""
    made = str(create_in(gateway, "active", metrics=[ORDERS, REVENUE, RATIO], dimensions=["country"])["key"])
    enter(gateway, made, dict.fromkeys(UNITS, "green"), ENTRY)
    times = [ENTRY - timedelta(hours=1), ENTRY + timedelta(hours=1), ENTRY + timedelta(hours=30)]
    send(gateway, [event("u-1", at, value=value) for at, value in zip(times, (5, 19.99, 20.5), strict=True)])
    pipeline.drain()
    return made


def test_a_row_says_all_that_is_known_of_a_unit(exports: Exports, key: str) -> None:
    rows = {row["unit_id"]: row for row in exports.rows(key, "assignments")}
    row = rows["u-1"]
    assert (row["variant"], row["counted_as"], row["dimension.country"]) == ("green", "unit", "")
    assert row["assigned_at"] == row["entered_at"]
    assert [row[f"orders.{name}"] for name in ("events", "value", "before")] == ["2", "2", "1"]
    assert [row[f"revenue.{name}"] for name in ("events", "value", "before")] == ["2", "30", "5"]
    assert rows["u-2"]["revenue.value"] == "0"
    assert not any(name.startswith("aov") for name in row)


@pytest.mark.parametrize("limit", [1, 7, 40, 1_000])
def test_pages_join_to_every_unit_once(exports: Exports, key: str, limit: int) -> None:
    pages = list(exports.pages(key, "assignments", limit=limit))
    assert sorted(row["unit_id"] for page in pages for row in page) == sorted(UNITS)
    assert len(pages) == -(-len(UNITS) // limit)


def test_a_page_reads_a_hundred_units_a_call(gateway: Gateway, exports: Exports) -> None:
    key = str(create_in(gateway, "active")["key"])
    enter(gateway, key, {f"u-{number}": "green" for number in range(600)}, ENTRY)
    exports.page(key, what="assignments")
    with counted(gateway.globals_of("export")["client"]) as counts:
        assert len(exports.rows(key, "assignments")) == 600
    parts = 16
    assert counts.calls["BatchGetItem"] <= 6 + parts
    assert counts.calls["Query"] <= 6 + 2 * parts


def test_units_that_come_between_pages_move_no_other(gateway: Gateway, exports: Exports) -> None:
    key = str(create_in(gateway, "active")["key"])
    enter(gateway, key, dict.fromkeys(UNITS, "green"), ENTRY)
    seen = []
    for number, page in enumerate(exports.pages(key, "assignments", limit=9)):
        seen += [row["unit_id"] for row in page]
        enter(gateway, key, {f"later-{number}-{one}": "green" for one in range(5)}, ENTRY)
    assert len(seen) == len(set(seen))
    assert set(UNITS) <= set(seen)


def test_an_erased_unit_is_nowhere_and_a_merged_one_says_so(gateway: Gateway, exports: Exports) -> None:
    key = str(create_in(gateway, "active")["key"])
    enter(gateway, key, {"erased": "green", "cookie": "green"}, ENTRY)
    gateway.delete("/v1/units/erased")
    gateway.put(f"{EXPERIMENTS}/{key}/assignments/user", {"fallback_unit_id": "cookie"})
    rows = exports.rows(key, "assignments")
    assert {row["unit_id"]: row["counted_as"] for row in rows} == {"cookie": "merged", "user": "unit"}


def test_columns_add_up_to_the_results(gateway: Gateway, exports: Exports, pipeline: Pipeline) -> None:
    key = str(create_in(gateway, "active", metrics=[ORDERS, REVENUE])["key"])
    units = [f"{key}-{number}" for number in range(6)]
    enter(gateway, key, dict.fromkeys(units, "green"), ENTRY)
    met = {"experiment": key, "variant": "control"}
    send(gateway, [event(unit, ENTRY, value=20.25) for unit in units + units])
    send(gateway, [event(units[0], now(), kind="$exposure", properties=met)])
    gateway.put(f"{EXPERIMENTS}/{key}/assignments/{key}-user", {"fallback_unit_id": units[1]})
    pipeline.drain()
    rows = exports.rows(key, "assignments")
    assert sorted(row["counted_as"] for row in rows if row["orders.events"] == "") == ["merged", "mixed"]
    for metric in ("orders", "revenue"):
        told = numbers(results(gateway, key), "green", metric)
        assert sum(float(row[f"{metric}.value"] or 0) for row in rows) == told["sum"]
        assert sum(int(row[f"{metric}.events"] or 0) for row in rows) == told["events"]


def test_what_is_folded_by_other_metrics_has_none(gateway: Gateway, exports: Exports, pipeline: Pipeline) -> None:
    key = str(create_in(gateway, "active", metrics=[ORDERS])["key"])
    enter(gateway, key, {"u-9": "green"}, ENTRY)
    gateway.patch(f"{EXPERIMENTS}/{key}", {"metrics": [ORDERS | {"window_hours": 5}]})
    assert [row["orders.events"] for row in exports.rows(key, "assignments")] == [""]
    pipeline.maintain()
    assert [row["orders.events"] for row in exports.rows(key, "assignments")] == ["0"]


def test_of_nobody_there_is_the_header_alone(gateway: Gateway, exports: Exports) -> None:
    key = create(gateway, dimensions=["country"])["key"]
    answer = exports.page(key, what="assignments")
    assert answer.body == "unit_id,variant,bucket,assigned_at,entered_at,counted_as,dimension.country\r\n"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == f'attachment; filename="{key}-assignments.csv"'
    assert "link" not in answer.headers
