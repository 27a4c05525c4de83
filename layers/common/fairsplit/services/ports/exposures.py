"""What exposing needs of the stores, beside what attribution does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.exposure import Exposure


class ExposureStore(Protocol):
    """Exposures that came, and the assignments that they make."""

    def read(self, places: Sequence[tuple[str, str]]) -> Sequence[Exposure]:
        """Those of the items of these units and keys, as they are now; what was erased is not there."""
        ...

    def assign(self, wanted: Assignment, exposure: Exposure) -> bool:
        """Store the assignment where there is none and the exposure is still there; whether it was."""
        ...
