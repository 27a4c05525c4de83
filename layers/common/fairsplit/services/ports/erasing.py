"""What erasures and removals need of the stores."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.job import Job


class ErasableAssignments(Protocol):
    """A unit's assignments, to be marked and then deleted."""

    def of_unit(self, unit_id: str) -> Sequence[Assignment]: ...

    def mark_erased(self, read: Assignment) -> bool:
        """Mark the item where it still is what was read, and take all but its keys and variant from it."""
        ...

    def delete(self, read: Assignment) -> None:
        """Delete the item where it is still of the incarnation that was read."""
        ...


class ErasableEvents(Protocol):
    """A unit's raw events, to be deleted."""

    def keys_of(self, unit_id: str, limit: int) -> Sequence[str]:
        """Up to `limit` keys of the unit's items."""
        ...

    def delete(self, unit_id: str, keys: Collection[str]) -> None: ...


class JobStore(Protocol):
    """Promised work."""

    def put(self, job: Job) -> None: ...

    def remove(self, job: Job) -> None: ...

    def open_jobs(self, limit: int = 100) -> Sequence[Job]: ...
