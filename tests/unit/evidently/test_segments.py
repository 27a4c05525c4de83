"""A segment's pattern becomes a condition that the same attributes meet; what has none is refused."""

from __future__ import annotations

from typing import Any

import pytest

from fairsplit.domain import targeting
from local.evidently.errors import RefusedError
from local.evidently.segments import condition_of

JAPAN = {"Location": ["Japan"], "$or": [{"Browser": ["Safari"]}, {"Device": ["Tablet"]}]}


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ({"Browser": ["Chrome", "Firefox"]}, {"Browser": "Firefox"}, {"Browser": "chrome"}),
        ({"Name": [""]}, {"Name": ""}, {}),
        ({"Active": [True]}, {"Active": True}, {"Active": 1}),
        ({"A": ["x"], "B": ["y"]}, {"A": "x", "B": "y"}, {"A": "x"}),
        ({"Browser": [{"anything-but": ["Safari"]}]}, {"Browser": "Chrome"}, {}),
        ({"Browser": [{"anything-but": "Safari"}]}, {"Browser": "Chrome"}, {"Browser": "Safari"}),
        ({"Price": [{"numeric": ["=", 100]}]}, {"Price": 100}, {"Price": 100.5}),
        ({"Price": [{"numeric": [">", 10, "<=", 20]}]}, {"Price": 20}, {"Price": 10}),
        ({"Age": [{"exists": True}]}, {"Age": 0}, {}),
        ({"Age": [{"exists": False}]}, {}, {"Age": 1}),
        ({"Region": [{"prefix": "us-"}]}, {"Region": "us-east"}, {"Region": "aus-1"}),
        ({"Region": [{"suffix": ".West"}]}, {"Region": "us.West"}, {"Region": "usxWest"}),
        ({"Region": ["eu", {"prefix": "us-"}]}, {"Region": "us-1"}, {"Region": "asia"}),
        ({"user": {"plan": ["pro"], "seats": [5]}}, {"user": {"plan": "pro", "seats": 5}}, {"user": {"plan": "pro"}}),
        (JAPAN, {"Location": "Japan", "Device": "Tablet"}, {"Location": "Japan", "Device": "Phone"}),
        (
            {"a": ["x", {"prefix": "y"}], "b": ["x", {"prefix": "y"}]},
            {"a": "x", "b": "yy"},
            {"a": "z", "b": "yy"},
        ),
        ({"a": {"b": {"c": ["x"]}}}, {"a": {"b": {"c": "x"}}}, {"b": {"c": "x"}}),
        ({"user": JAPAN}, {"user": {"Location": "Japan", "Browser": "Safari"}}, {"Browser": "Safari"}),
    ],
)
def test_the_condition_is_met_by_whom_the_pattern_matches(
    pattern: Any, inside: dict[str, Any], outside: dict[str, Any]
) -> None:
    condition = condition_of(pattern)
    targeting.check(condition)
    assert (targeting.matches(condition, inside), targeting.matches(condition, outside)) == (True, False)


@pytest.mark.parametrize(
    "pattern",
    [
        *(None, [], {}, "text", {"a": []}, {"a": "x"}, {"a": [None]}, {"a.b": ["x"]}, {"$and": ["x"]}, {"$or": []}),
        *({"a": [{"cidr": "10.0.0.0/8"}]}, {"a": [{"anything-but": {"prefix": "x"}}]}, {"a": [{}]}),
        *({"a": [{"numeric": argument}]} for argument in (5, [">"], ["~", 5], [">", "x"], [">", None])),
        *({"a": [{"prefix": 5}]}, {"a": [{"prefix": "x", "suffix": "y"}]}, {"a": {}}, {"$or": ["x"]}),
    ],
)
def test_what_no_condition_says_is_refused(pattern: Any) -> None:
    with pytest.raises(RefusedError):
        condition_of(pattern)


def test_a_refusal_names_the_attribute() -> None:
    with pytest.raises(RefusedError, match=r"user\.ip: .*cidr"):
        condition_of({"user": {"ip": [{"cidr": "10.0.0.0/8"}]}})
