"""What reading results needs of the stores."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from fairsplit.domain.aggregate import Row, RowKey
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.experiment import Experiment
from fairsplit.domain.recount import Recount


class ExperimentWithRecount(Protocol):
    """An experiment and its last recount, read together."""

    def read_with_recount(self, key: str) -> tuple[Experiment, Recount] | None: ...


class AggregateReader(Protocol):
    """Rows of aggregates, read consistently."""

    def rows(self, experiment: str, first_epoch: int, last_day: date | None = None) -> dict[RowKey, Row]: ...

    def compactions(self, experiment: str) -> int: ...

    def heartbeat(self) -> tuple[datetime, datetime] | None: ...

    def snapshots(self, experiment: str, last_day: date) -> list[tuple[date, Any]]:
        """The daily snapshots up to and with a day, in their order."""
        ...


class UnitReader(Protocol):
    """All units of an experiment, page by page."""

    def pages(self, experiment: str) -> Iterator[Sequence[Assignment]]: ...
