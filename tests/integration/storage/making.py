"""What the storage suite stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any
from uuid import uuid4

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.audit import Actor, Entry
from fairsplit.domain.experiment import Experiment
from fairsplit.storage.keys import index_shard, index_shards

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def fresh_key() -> str:
    """A key that nothing has yet, in any table."""
    return f"k-{uuid4().hex[:12]}"


def assignment(**fields: Any) -> Assignment:
    """An assignment of a unit and an experiment of its own, with other fields."""
    mine: dict[str, Any] = {"experiment": fresh_key(), "unit_id": uuid4().hex, "incarnation": uuid4().hex}
    return Assignment(**mine | {"variant": "green", "bucket": 7, "assigned_at": NOW} | fields)


def experiment(**fields: Any) -> Experiment:
    """A draft."""
    variants = [{"key": key, "weight": 50, "value": key} for key in ("control", "green")]
    settings = {"key": fresh_key(), "name": "Green", "variants": variants, "control": "control", "seed": "s"}
    return Experiment.model_validate(settings | {"created_at": NOW, "updated_at": NOW} | fields)


def entry(changed: Experiment) -> Entry:
    """An entry of the audit trail."""
    return Entry(at=NOW, actor=Actor("t", "a test"), action="update", version=changed.version)


def longest_ids_of_one_part(number: int) -> list[str]:
    """Unit ids of 1,024 bytes that are all in the first part of an experiment's index, in its order."""
    first = index_shards("any")[0]
    ids: Iterator[str] = (f"{index:05}" + "🙂" * 251 for index in count())
    return list(islice((one for one in ids if index_shard("any", one) == first), number))
