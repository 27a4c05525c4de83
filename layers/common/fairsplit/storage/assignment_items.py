"""Assignments as DynamoDB holds them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.timestamps import from_text, to_text
from fairsplit.domain.totals import NO_TOTALS, Totals
from fairsplit.storage.keys import index_shard
from fairsplit.storage.packing import pack, unpack

MARKS = ("heavy", "erased", "merged")


def to_item(assignment: Assignment) -> dict[str, Any]:
    """An assignment as DynamoDB's typed map. What is empty or false is left out."""
    item: dict[str, Any] = {
        "unit_id": {"S": assignment.unit_id},
        "experiment": {"S": assignment.experiment},
        "experiment_shard": {"S": index_shard(assignment.experiment, assignment.unit_id)},
        "variant": {"S": assignment.variant},
        "bucket": {"N": str(assignment.bucket)},
        "assigned_at": {"S": to_text(assignment.assigned_at)},
        "incarnation": {"S": assignment.incarnation},
        "version": {"N": str(assignment.version)},
        "epoch": {"N": str(assignment.epoch)},
    }
    if assignment.dimensions:
        item["dimensions"] = pack(dict(assignment.dimensions))
    if assignment.continues:
        item["continues"] = {"S": assignment.continues}
    if assignment.totals != NO_TOTALS:
        item["totals"] = pack(assignment.totals.as_json())
    return item | {name: {"BOOL": True} for name in MARKS if getattr(assignment, name)}


def insert_action(table: str, assignment: Assignment) -> dict[str, Any]:
    """A transaction's write that stores an assignment where there is none; refused, it brings the one that is there."""
    return {
        "Put": {
            "TableName": table,
            "Item": to_item(assignment),
            "ConditionExpression": "attribute_not_exists(unit_id)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def from_item(item: Mapping[str, Any]) -> Assignment:
    """A stored assignment."""
    return Assignment(
        unit_id=item["unit_id"]["S"],
        experiment=item["experiment"]["S"],
        variant=item["variant"]["S"],
        bucket=int(item["bucket"]["N"]),
        assigned_at=from_text(item["assigned_at"]["S"]),
        incarnation=item["incarnation"]["S"],
        dimensions=unpack(item["dimensions"]) if "dimensions" in item else {},
        version=int(item["version"]["N"]),
        epoch=int(item["epoch"]["N"]),
        totals=Totals.from_json(unpack(item["totals"])) if "totals" in item else NO_TOTALS,
        heavy="heavy" in item,
        erased="erased" in item,
        merged="merged" in item,
        continues=item["continues"]["S"] if "continues" in item else None,
    )
