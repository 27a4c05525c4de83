"""A JSON merge patch of an experiment: which of its names may stand in it, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairsplit.domain.errors import Fault
from fairsplit.domain.experiment import SERVER_FIELDS, Experiment, Settings
from fairsplit.domain.experiment_changes import is_same_json
from fairsplit.domain.experiment_rules import read_only, read_settings, unknown_names
from fairsplit.domain.merge_patch import merge
from fairsplit.domain.reading_models import raise_all


def patched(experiment: Experiment, patch: Mapping[str, Any]) -> Settings:
    """The experiment's settings with the patch. What the server sets may be sent back as it is.

    Raises:
        InvalidError: rules are broken; each has its entry.
    """
    current = experiment.as_json()
    raise_all([*_changed_server_fields(current, patch), *unknown_names(patch)])
    given = {name: value for name, value in merge(current, patch).items() if name not in SERVER_FIELDS}
    return read_settings(given, experiment.seed)


def _changed_server_fields(current: Mapping[str, Any], patch: Mapping[str, Any]) -> Iterator[Fault]:
    for name in sorted(SERVER_FIELDS & patch.keys()):
        if not is_same_json(patch[name], current[name]):
            yield read_only(name)
