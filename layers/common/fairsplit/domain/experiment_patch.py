"""A JSON merge patch of an experiment: which of its names may stand in it, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from fairsplit.domain.errors import Fault
from fairsplit.domain.experiment import SERVER_FIELDS, Analysis, Experiment, Namespace, Schedule, Settings
from fairsplit.domain.experiment_changes import is_same_json
from fairsplit.domain.experiment_rules import read_only, read_settings
from fairsplit.domain.merge_patch import merge
from fairsplit.domain.reading_models import raise_all, unknown_field

MERGED: Mapping[str, type[BaseModel]] = {"analysis": Analysis, "namespace": Namespace, "schedule": Schedule}


def patched(experiment: Experiment, patch: Mapping[str, Any]) -> Settings:
    """The experiment's settings with the patch. What the server sets may be sent back as it is.

    Raises:
        InvalidError: rules are broken; each has its entry.
    """
    current = experiment.as_json()
    raise_all([*_changed_server_fields(current, patch), *_unknown_names(patch)])
    given = {name: value for name, value in merge(current, patch).items() if name not in SERVER_FIELDS}
    return read_settings(given, experiment.seed)


def _changed_server_fields(current: Mapping[str, Any], patch: Mapping[str, Any]) -> Iterator[Fault]:
    for name in sorted(SERVER_FIELDS & patch.keys()):
        if not is_same_json(patch[name], current[name]):
            yield read_only(name)


def _unknown_names(patch: Mapping[str, Any]) -> Iterator[Fault]:
    """Names that a merge with null would drop without a word."""
    known = Settings.model_fields.keys() | SERVER_FIELDS
    yield from (unknown_field(name) for name in patch if name not in known)
    for name, model in MERGED.items():
        inside = patch.get(name)
        if isinstance(inside, Mapping):
            names = {field.alias or own for own, field in model.model_fields.items()}
            yield from (unknown_field(name, one) for one in inside if one not in names)
