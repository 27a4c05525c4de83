"""What units do, sent over HTTP, and what results say of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any

from fairsplit.domain.timestamps import day_of, now, to_text
from tests.gateway import Answer, Gateway

EXPERIMENTS = "/v1/experiments"
ORDERS = {"key": "orders", "event_type": "purchase", "kind": "count", "role": "primary"}
REVENUE = {"key": "revenue", "event_type": "purchase", "kind": "mean"}
AT_ONCE = 500
_ids = count(1)


def noon(days_ago: int, hours: float = 0) -> datetime:
    """Twelve o'clock UTC of a day in the past, and so many hours after."""
    return datetime.combine(day_of(now()), time(12), UTC) + timedelta(days=-days_ago, hours=hours)


def enter(gateway: Gateway, key: str, units: Mapping[str, str], at: datetime) -> None:
    """Import units, each with its variant."""
    items = [{"unit_id": unit, "variant": variant, "assigned_at": to_text(at)} for unit, variant in units.items()]
    answer = gateway.post(f"{EXPERIMENTS}/{key}/assignments", {"items": items})
    assert answer.body["rejected"] == [], answer


def event(unit_id: str, at: datetime, kind: str = "purchase", **fields: Any) -> dict[str, Any]:
    """An event with an id of its own."""
    return {"event_id": f"e{next(_ids)}", "unit_id": unit_id, "type": kind, "timestamp": to_text(at)} | fields


def send(gateway: Gateway, events: Iterable[Mapping[str, Any]]) -> None:
    """Send events; all have to be accepted."""
    waiting: Sequence[Mapping[str, Any]] = list(events)
    for start in range(0, len(waiting), AT_ONCE):
        answer = gateway.post("/v1/events", {"events": waiting[start : start + AT_ONCE]})
        assert (answer.status, answer.body["rejected"]) == (202, []), answer


def ask(gateway: Gateway, key: str, **query: Any) -> Answer:
    """Ask for results; `first` and `last` are the query's from and to."""
    names = {"first": "from", "last": "to"}
    return gateway.get(f"{EXPERIMENTS}/{key}/results", query={names.get(name, name): query[name] for name in query})


def results(gateway: Gateway, key: str, **query: Any) -> Any:
    """The results' JSON."""
    answer = ask(gateway, key, **query)
    assert answer.status == 200, answer
    return answer.body


def numbers(body: Any, variant: str, metric: str) -> Any:
    """A variant's numbers of one metric."""
    return next(one["metrics"][metric] for one in body["variants"] if one["key"] == variant)


def units(body: Any) -> dict[str, int]:
    """How many units each variant has."""
    return {one["key"]: one["units"] for one in body["variants"]}


def comparison(body: Any, metric: str, variant: str) -> Any:
    """The comparison of a metric between a variant and the control."""
    return next(one for one in body["comparisons"] if (one["metric"], one["variant"]) == (metric, variant))
