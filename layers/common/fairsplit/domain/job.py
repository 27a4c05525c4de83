"""Work that was promised and may take several runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobKind(StrEnum):
    """What is to be done with the subject: all of a unit erased, or all assignments of a deleted draft removed."""

    ERASE_UNIT = "erase_unit"
    REMOVE_EXPERIMENT = "remove_experiment"


@dataclass(frozen=True, slots=True)
class Job:
    """A promise about one unit or one experiment."""

    kind: JobKind
    subject: str
    requested_at: datetime
