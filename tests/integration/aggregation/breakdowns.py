"""Units with attributes, and their experiment's sums by the values of a dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from fairsplit.domain.dimensions import partition_of
from fairsplit.domain.moments import Moments, total
from fairsplit.domain.timestamps import to_text
from fairsplit.services.reading_breakdown import Breakdown, breakdown_of_rows, breakdown_of_units
from fairsplit.storage.aggregates import Aggregates
from fairsplit.storage.recounts import Recounts
from fairsplit.storage.results import Units
from tests.gateway import Gateway

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

EXPERIMENTS = "/v1/experiments"
Attributes = Mapping[str, Any]


def arrive(gateway: Gateway, key: str, units: Mapping[str, Attributes], at: datetime, variant: str = "green") -> None:
    """Import units, each with its attributes."""
    items = [
        {"unit_id": unit, "variant": variant, "assigned_at": to_text(at), "attributes": dict(attributes)}
        for unit, attributes in units.items()
    ]
    answer = gateway.post(f"{EXPERIMENTS}/{key}/assignments", {"items": items})
    assert answer.body["created"] == len(items), answer


@dataclass(frozen=True)
class Breakdowns:
    """Reads the sums as results do."""

    client: DynamoDBClient
    tables: Mapping[str, str]

    @property
    def aggregates(self) -> Aggregates:
        return Aggregates(self.client, self.tables["AggregatesTable"])

    def complete_epoch(self, key: str) -> int:
        return Recounts(self.client, self.tables["CatalogTable"]).read(key).complete_epoch

    def of_rows(self, key: str, dimension: str = "country", last: date | None = None) -> Breakdown | None:
        recount = Recounts(self.client, self.tables["CatalogTable"]).read(key)
        return breakdown_of_rows(self.aggregates, recount, dimension, last)

    def of_units(
        self, key: str, dimension: str = "country", first: date | None = None, last: date | None = None
    ) -> Breakdown | None:
        return breakdown_of_units(Units(self.client, self.tables["AssignmentsTable"]), key, dimension, first, last)

    def main(self, key: str) -> Moments:
        """The main sums, but for the erased."""
        rows = self.aggregates.rows(key, self.complete_epoch(key))
        moments = total(row.moments for row in rows.values())
        return Moments({name: value for name, value in moments.sums.items() if name[2] != "erased"})

    def sums(self, key: str, dimension: str = "country") -> Moments:
        """All that the rows of a dimension hold, of whatever epoch."""
        return total(row.moments for row in self.aggregates.rows(partition_of(key, dimension), 0).values())


def counts(breakdown: Breakdown | None) -> dict[str, tuple[int, int]]:
    """By value, how many units and events there are; of one metric."""
    assert breakdown is not None
    values = {value for parts in breakdown.values() for value in parts}
    moments = {value: total(parts[value] for parts in breakdown.values() if value in parts) for value in values}
    return {value: (one.units("units"), _events(one)) for value, one in moments.items() if one}


def everything(breakdown: Breakdown | None) -> Moments:
    """The sums of all days and values."""
    assert breakdown is not None
    return total(moments for parts in breakdown.values() for moments in parts.values())


def _events(moments: Moments) -> int:
    return sum(
        number for (_, name, field), number in moments.sums.items() if field == "events" and name.startswith("orders@")
    )
