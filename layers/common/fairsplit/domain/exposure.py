"""Exposures: which of them make an assignment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fairsplit.domain.entry import exposures_in_run, is_in_run, span_from
from fairsplit.domain.event import Event
from fairsplit.domain.experiment import Experiment, Status


@dataclass(frozen=True, slots=True)
class Exposure:
    """An exposure, and the key of the unit's item that it stands in."""

    event: Event
    item: str

    @property
    def experiment(self) -> str:
        """The key of the experiment, which there may not be."""
        return str(self.event.properties["experiment"])

    @property
    def at(self) -> datetime:
        return self.event.timestamp

    @property
    def attributes(self) -> dict[str, Any]:
        """What the client said of the unit."""
        return dict(self.event.properties.get("attributes") or {})


def those_that_assign(experiment: Experiment, unit_id: str, exposures: Iterable[Exposure]) -> list[Exposure]:
    """Those of a unit's exposures in the experiment that may store its assignment, the earliest first.

    They lie in the run, and not in a pause that goes on. A unit with an override is never stored.
    """
    if unit_id in experiment.overrides:
        return []
    fit = [one for one in exposures if is_in_run(experiment, one.at) and not _is_in_pause(experiment, one.at)]
    return sorted(fit, key=lambda one: (one.at, one.event.event_id))


def first_of_its_id(experiment: Experiment, exposures: Sequence[Exposure], events: Iterable[Event]) -> Exposure | None:
    """The first of the exposures whose id no other event of the unit had before; they are in the run."""
    if not exposures:
        return None
    counted = exposures_in_run(span_from(exposures[0].at, experiment), experiment, events)
    return next((one for one in exposures if one.event in counted), None)


def _is_in_pause(experiment: Experiment, moment: datetime) -> bool:
    paused_at = experiment.paused_at
    return experiment.status is Status.PAUSED and paused_at is not None and moment >= paused_at
