"""What becomes of one insert of many."""

from __future__ import annotations

from enum import Enum


class Outcome(Enum):
    """INSERTED: it is stored now. EXISTS: its key was there before. THROTTLED: the store was too busy to the end."""

    INSERTED = "inserted"
    EXISTS = "exists"
    THROTTLED = "throttled"
