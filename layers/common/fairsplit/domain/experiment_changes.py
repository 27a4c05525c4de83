"""What differs between two versions of an experiment, for the audit trail."""

from __future__ import annotations

import json
from typing import Any

from fairsplit.domain.audit import FieldChange
from fairsplit.domain.experiment import Experiment

UNTRACKED = {"version", "updated_at", "epoch"}


def action_of(old: Experiment, new: Experiment) -> str:
    """What the audit trail calls a change."""
    if old.status is not new.status:
        return "transition"
    return "update" if differences(old, new) else "recount"


def differences(old: Experiment | None, new: Experiment | None) -> tuple[FieldChange, ...]:
    """The fields that differ, as callers see them."""
    before = old.as_json() if old else {}
    after = new.as_json() if new else {}
    names = [name for name in Experiment.model_fields if name not in UNTRACKED]
    pairs = [(name, before.get(name), after.get(name)) for name in names]
    return tuple(FieldChange(name, one, other) for name, one, other in pairs if not is_same_json(one, other))


def is_same_json(one: Any, other: Any) -> bool:
    """Whether two JSON values are written alike, but for the order of names: true is not 1, and 1.0 is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
