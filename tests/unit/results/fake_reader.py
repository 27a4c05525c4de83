"""The stores that results are read from, in memory: an experiment, its rows and units, and others who move sums."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from fairsplit.domain.aggregate import Row, RowKey
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.moments import NOTHING, Moments, of_assignment
from fairsplit.domain.recount import Recount
from fairsplit.domain.results.question import Question
from fairsplit.services.reading_results import Reading
from tests.unit.making import AOV, ENTRY, ORDERS, PURCHASED, REVENUE, VISITS, event, experiment, folded

NOW = ENTRY + timedelta(days=5)
GUARD: dict[str, Any] = VISITS | {"role": "guardrail", "direction": "decrease", "margin": 0.1}
SHOP = experiment(PURCHASED, REVENUE | {"role": "primary"}, ORDERS, AOV, GUARD)
SPENT = {"control": [0, 0, 10, 20, 30], "green": [0, 15, 25, 25, 40, 45]}


def units(one: Experiment = SHOP, **fields: Any) -> list[Assignment]:
    """Units that came one a day, and bought for so much on the day they came."""
    return [
        folded(
            one,
            [event(24 * number + 1, spent)] if spent else [],
            unit_id=f"{variant}-{number}",
            variant=variant,
            assigned_at=ENTRY + timedelta(days=number),
            **fields,
        )
        for variant, values in SPENT.items()
        for number, spent in enumerate(values)
    ]


@dataclass
class FakeReader:
    """All that a reader sees. `moving` reads of the rows find that sums were moved meanwhile."""

    experiment: Experiment | None = SHOP
    items: list[Assignment] = field(default_factory=units)
    recount: Recount = field(default_factory=lambda: Recount(experiment="a"))
    beat: tuple[datetime, datetime] | None = None
    seen_at: datetime | None = None
    calls: list[str] = field(default_factory=list)
    asked: list[tuple[int, date | None]] = field(default_factory=list)
    moving: int = 0
    moves: int = 0
    kept: dict[date, Any] = field(default_factory=dict)  # the daily snapshots
    extra: dict[RowKey, Row] = field(default_factory=dict)
    page_size: int = 4

    def read_with_recount(self, key: str) -> tuple[Experiment, Recount] | None:
        return (self.experiment, self.recount) if self.experiment and key == self.experiment.key else None

    def rows(self, experiment: str, first_epoch: int, last_day: date | None = None) -> dict[RowKey, Row]:
        self.calls.append("rows")
        self.asked.append((first_epoch, last_day))
        if self.moving:
            self.moving -= 1
            self.moves += 1
        rows = dict(self.extra)
        for item in self.items:
            for day, moments in of_assignment(item).items():
                key = RowKey(experiment, item.epoch, day, f"shard-{len(item.unit_id)}")
                rows[key] = replace(
                    rows.get(key, Row(seen_at=self.seen_at)), moments=rows.get(key, Row()).moments + moments
                )
        return {key: row for key, row in rows.items() if is_asked_for(key, first_epoch, last_day)}

    def compactions(self, experiment: str) -> int:
        self.calls.append("compactions")
        return self.moves

    def heartbeat(self) -> tuple[datetime, datetime] | None:
        self.calls.append("heartbeat")
        return self.beat

    def snapshots(self, experiment: str, last_day: date) -> list[tuple[date, Any]]:
        self.calls.append("snapshots")
        return [(day, value) for day, value in sorted(self.kept.items()) if day <= last_day]

    def pages(self, experiment: str) -> Iterator[Sequence[Assignment]]:
        self.calls.append("units")
        for start in range(0, len(self.items), self.page_size):
            yield self.items[start : start + self.page_size]

    def results(self, **asked: Any) -> dict[str, Any]:
        """The answer to a question."""
        return Reading(self, self, self, NOW).results("a", Question(**asked))

    def add(self, moments: Moments, number: int = 0, epoch: int = 1) -> None:
        """A row of its own with these sums, so many days after the first."""
        self.extra[RowKey("a", epoch, (ENTRY + timedelta(days=number)).date(), "extra")] = Row(NOTHING + moments)


def is_asked_for(key: RowKey, first_epoch: int, last_day: date | None) -> bool:
    return key.epoch >= first_epoch and (last_day is None or key.day <= last_day)
