"""Entries of the audit trail, as they are stored and answered."""

from __future__ import annotations

import json

from fairsplit.domain.audit import Actor, Entry, FieldChange
from tests.unit.making import ENTRY

ENTRY_OF_ALL = Entry(
    at=ENTRY,
    actor=Actor("t-1", "Ada"),
    action="update",
    version=3,
    reason="because",
    changes=(FieldChange("coverage", 50, 60.5), FieldChange("namespace", None, {"key": "n"})),
)
SHORTEST = Entry(at=ENTRY, actor=Actor("maintenance", "the scheduled maintenance"), action="recount", version=4)


def test_an_entry_says_who_when_what_from_what_to_what_and_why() -> None:
    assert ENTRY_OF_ALL.as_json() == {
        "at": "2026-03-15T12:00:00.000Z",
        "actor": {"id": "t-1", "name": "Ada"},
        "action": "update",
        "version": 3,
        "reason": "because",
        "changes": [
            {"field": "coverage", "old": 50, "new": 60.5},
            {"field": "namespace", "old": None, "new": {"key": "n"}},
        ],
    }


def test_an_entry_is_read_back_from_its_json() -> None:
    for entry in (ENTRY_OF_ALL, SHORTEST):
        assert Entry.from_json(json.loads(json.dumps(entry.as_json()))) == entry
