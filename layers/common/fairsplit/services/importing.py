"""Importing: many assignments that were made elsewhere, or are made ahead, in few calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fairsplit.domain.allocation import bucket_in
from fairsplit.domain.assignment import Assignment
from fairsplit.domain.attributes import read_attributes
from fairsplit.domain.eligibility import Choice, Reason, choose_variant
from fairsplit.domain.errors import ConflictError, InvalidError, NotFoundError
from fairsplit.domain.experiment import Experiment, Status
from fairsplit.domain.outcome import Outcome
from fairsplit.domain.timestamps import from_text
from fairsplit.domain.unit_ids import is_unit_id
from fairsplit.services.assigning import new_assignment
from fairsplit.services.ports.assignments import AssignmentStore, ExperimentReader

MOST = 1_000
OLDEST = timedelta(days=90)
FIELDS = {"unit_id", "variant", "assigned_at", "attributes"}
IMPORTABLE = {Status.DRAFT, Status.ACTIVE, Status.PAUSED}


@dataclass(frozen=True)
class Imported:
    """What became of the items: how many are new, how many were there, and which were refused, by index."""

    created: int
    existing: int
    rejected: list[dict[str, Any]]


@dataclass(frozen=True)
class Importing:
    """Imports into one experiment. `experiments` have to be read as they are now."""

    assignments: AssignmentStore
    experiments: ExperimentReader
    experiment: Experiment
    now: datetime
    nonce: Callable[[], str]

    def import_all(self, body: Mapping[str, Any]) -> Imported:
        """Store each item whose unit has no assignment yet; a unit that stands twice counts once.

        Raises:
            ConflictError: the experiment is over.
            NotFoundError: it is a draft that was deleted meanwhile; nothing of it stays.
            InvalidError: there are no items, or more than 1,000.
        """
        if self.experiment.status not in IMPORTABLE:
            detail = f"{self.experiment.key} is {self.experiment.status}; import into draft, active or paused ones."
            raise ConflictError("not_importable", detail)
        wanted: dict[str, Assignment] = {}
        places: dict[str, list[int]] = {}
        rejected: list[dict[str, Any]] = []
        for index, raw in enumerate(read_items(body)):
            try:
                assignment = self._read(raw)
            except InvalidError as error:
                rejected.append(rejection(index, error.code, error.detail))
                continue
            wanted.setdefault(assignment.unit_id, assignment)
            places.setdefault(assignment.unit_id, []).append(index)
        return self._store(wanted, places, rejected)

    def _store(
        self, wanted: Mapping[str, Assignment], places: Mapping[str, list[int]], rejected: list[dict[str, Any]]
    ) -> Imported:
        outcomes = dict(zip(wanted, self.assignments.insert_many(list(wanted.values())), strict=True))
        if self._is_deleted():
            self.assignments.take_back(list(wanted.values()))
            raise NotFoundError("experiment_not_found", f"{self.experiment.key} was deleted meanwhile.")
        throttled = [
            index for unit_id, one in outcomes.items() if one is Outcome.THROTTLED for index in places[unit_id]
        ]
        busy = "The store is throttling: send this item again."
        rejected += [rejection(index, "throttled", busy) for index in throttled]
        created = sum(one is Outcome.INSERTED for one in outcomes.values())
        return Imported(
            created=created,
            existing=sum(map(len, places.values())) - created - len(throttled),
            rejected=sorted(rejected, key=lambda one: one["index"]),
        )

    def _is_deleted(self) -> bool:
        """Whether the draft is gone, so that its removal may have missed the last items; another may have its key."""
        if self.experiment.status is not Status.DRAFT:
            return False
        there = self.experiments.read(self.experiment.key)
        return there is None or (there.created_at, there.seed) != (self.experiment.created_at, self.experiment.seed)

    def _read(self, raw: Any) -> Assignment:
        if not isinstance(raw, dict):
            raise InvalidError("invalid_type", "An item has to be an object with unit_id.")
        if unknown := sorted(raw.keys() - FIELDS):
            message = f"{unknown[0][:64]}: an item has the fields {', '.join(sorted(FIELDS))}."
            raise InvalidError("unknown_field", message)
        unit_id = raw.get("unit_id")
        if not isinstance(unit_id, str) or not is_unit_id(unit_id):
            raise InvalidError("unit_id_invalid", "unit_id has to be 1 to 256 characters, no control characters.")
        attributes = read_attributes(raw.get("attributes"))
        choice = self._choice(unit_id, raw.get("variant"), attributes)
        assigned_at = self._read_time(raw.get("assigned_at"))
        return new_assignment(
            self.experiment, unit_id, choice, attributes, assigned_at=assigned_at, incarnation=self.nonce()
        )

    def _choice(self, unit_id: str, variant: Any, attributes: Mapping[str, Any]) -> Choice:
        """The item's own variant, or the hash's where it names none."""
        if unit_id in self.experiment.overrides:
            raise InvalidError(Reason.OVERRIDE, "The unit has an override: it is never stored, and never counted.")
        if variant is not None:
            if not isinstance(variant, str) or self.experiment.variant(variant) is None:
                names = ", ".join(one.key for one in self.experiment.variants)
                raise InvalidError("unknown_variant", f"variant has to be one of: {names}.")
            return Choice(variant, Reason.ASSIGNED, bucket_in(self.experiment, unit_id))
        choice = choose_variant(self.experiment, unit_id, attributes)
        if choice.variant is None:
            raise InvalidError(choice.reason, f"The unit gets no variant: {choice.reason}.")
        return choice

    def _read_time(self, text: Any) -> datetime:
        if text is None:
            return self.now
        try:
            moment = from_text(text)
        except (TypeError, ValueError, AttributeError) as error:
            message = "assigned_at has to be an RFC 3339 timestamp, as 2026-03-01T12:00:00Z."
            raise InvalidError("assigned_at_invalid", message) from error
        if moment > self.now:
            raise InvalidError("assigned_at_in_future", "assigned_at has to be in the past.")
        if moment < self.now - OLDEST:
            raise InvalidError("assigned_at_too_old", "assigned_at may be 90 days ago at most.")
        return moment


def read_items(body: Mapping[str, Any]) -> list[Any]:
    """The items of an import's body.

    Raises:
        InvalidError: there is another field, or there are not 1 to 1,000 items.
    """
    if unknown := sorted(body.keys() - {"items"}):
        raise InvalidError.at((unknown[0],), "unknown_field", "An import has one field: items.")
    items = body.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MOST:
        raise InvalidError.at(("items",), "items_count", f"items has to be a list of 1 to {MOST} items.")
    return items


def rejection(index: int, code: str, detail: str) -> dict[str, Any]:
    return {"index": index, "code": str(code), "detail": detail}
