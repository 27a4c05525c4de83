"""Experiments as items of the Catalog: the document, and its place in the list."""

from __future__ import annotations

from typing import Any

from fairsplit.domain.experiment import Experiment, Status
from fairsplit.domain.timestamps import to_text
from fairsplit.storage.keys import CURRENT, EXPERIMENTS, experiment_pk
from fairsplit.storage.packing import pack, unpack


def to_item(experiment: Experiment) -> dict[str, Any]:
    """An experiment as DynamoDB's typed map."""
    return key_of(experiment.key) | {
        "document": pack(experiment.model_dump(mode="json", by_alias=True)),
        "version": {"N": str(experiment.version)},
        "status": {"S": experiment.status},
        "epoch": {"N": str(experiment.epoch)},
    }


def from_item(item: dict[str, Any]) -> Experiment:
    """A stored experiment."""
    return Experiment.model_validate(unpack(item["document"]))


def key_of(key: str) -> dict[str, Any]:
    """The item's key of an experiment's key."""
    return {"pk": {"S": experiment_pk(key)}, "sk": {"S": CURRENT}}


def to_pointer(experiment: Experiment) -> dict[str, Any]:
    """The experiment's entry in the list: what lists are filtered by."""
    return pointer_key(experiment) | {
        "key": {"S": experiment.key},
        "status": {"S": experiment.status},
        "tags": pack(list(experiment.tags)),
    }


def pointer_key(experiment: Experiment) -> dict[str, Any]:
    return {"pk": {"S": EXPERIMENTS}, "sk": {"S": place_of(experiment)}}


def place_of(experiment: Experiment) -> str:
    """Where the experiment stands in the list."""
    return f"{to_text(experiment.created_at)}#{experiment.key}"


def is_listed(pointer: dict[str, Any], status: str | None, tag: str | None) -> bool:
    """Whether a list with that filter shows the experiment; archived ones are shown on request alone."""
    if tag is not None and tag not in unpack(pointer["tags"]):
        return False
    is_status: str = pointer["status"]["S"]
    return is_status == status if status else is_status != Status.ARCHIVED
