"""Drafts of experiments: one for each feature, with the experiment that is open on it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fairsplit.domain.evidently_names import key_of_feature
from local.evidently.errors import RefusedError, SkippedError
from local.evidently.export import Export
from local.evidently.metrics import metrics_of
from local.evidently.segments import condition_of
from local.evidently.variants import Document, default_of, split_of

OPEN = ("RUNNING", "CREATED", "UPDATING")  # of several experiments the first of these has the feature
LAUNCH = "launches are not taken over: set the weights of its feature's experiment, or complete that with a winner"
Place = tuple[str, str]  # a project's name and a feature's
Made = tuple[dict[str, Any], list[str]]  # a draft's body, and notes


@dataclass(frozen=True)
class Line:
    """What becomes of one thing of the export: a draft's body, or why there is none; and what is to be said besides.

    It is `skipped` where there needs to be none.
    """

    kind: str
    name: str
    body: Mapping[str, Any] | None = None
    refusal: str | None = None
    notes: tuple[str, ...] = ()
    skipped: bool = False

    @property
    def key(self) -> str:
        return str(self.body["key"]) if self.body else "–"


def drafts_of(export: Export) -> list[Line]:
    """A line for each experiment, for each feature that none is open on, and for each launch."""
    drafting = Drafting(export)
    lines = [_line("experiment", one, drafting.of_experiment) for one in export.experiment.values()]
    free = [one for one in export.feature.values() if place_of(one) not in drafting.open_on]
    lines += [_line("feature", one, drafting.of_feature) for one in free]
    return lines + [Line("launch", one["name"], refusal=LAUNCH, skipped=True) for one in export.launch.values()]


def _line(kind: str, document: Document, make: Callable[[Document], Made]) -> Line:
    try:
        body, notes = make(document)
        return Line(kind, document["name"], body, notes=tuple(notes))
    except RefusedError as error:
        return Line(kind, document["name"], refusal=str(error), skipped=isinstance(error, SkippedError))
    except (AttributeError, KeyError, StopIteration, TypeError, ValueError) as error:
        return Line(kind, document["name"], refusal=f"it is not as the AWS CLI prints it: {error!r}")


@dataclass
class Drafting:
    """Makes the drafts of an export."""

    export: Export

    @cached_property
    def keys(self) -> Mapping[str, int]:
        """How many features would have each key."""
        return Counter(key_of_feature(one["name"]) for one in self.export.feature.values())

    @cached_property
    def open_on(self) -> Mapping[Place, Document]:
        """The experiment that is open on a feature."""
        found: dict[Place, Document] = {}
        for status in OPEN:
            for one in self.export.experiment.values():
                if one.get("status") == status and len(features_of(one)) == 1:
                    found.setdefault(place_of(one, *features_of(one)), one)
        return found

    def of_experiment(self, experiment: Document) -> Made:
        """The draft of an experiment, under the key of its feature."""
        feature = self._feature_of(experiment)
        metrics, notes = _metrics(experiment)
        body = self._common(feature, experiment) | split_of(experiment, feature)
        if key_of_feature(feature.get("defaultVariation", "")) != body["control"]:
            notes.append(
                f"who is not in gets the control; Evidently gave the default {feature.get('defaultVariation')}"
            )
        more = {"metrics": metrics, "targeting": self._targeting(experiment), "analysis": {"method": "sequential"}}
        return body | more, notes

    def of_feature(self, feature: Document) -> Made:
        """A draft that gives its control, the default, to all: as long as it is one, and started as it stands."""
        return self._common(feature, feature) | default_of(feature), []

    def _common(self, feature: Document, named: Document) -> dict[str, Any]:
        key = key_of_feature(feature["name"])
        if self.keys[key] > 1:
            raise RefusedError(f"several features would have the key {key}: rename all but one of them in the file")
        overrides = {entity: key_of_feature(name) for entity, name in feature.get("entityOverrides", {}).items()}
        body = {"key": key, "name": named["name"], "tags": ["evidently"], "overrides": overrides}
        return body | {"description": named.get("description", "")}

    def _feature_of(self, experiment: Document) -> Document:
        if experiment.get("status") not in OPEN:
            raise SkippedError(f"it has ended: its status is {experiment.get('status')}")
        features = features_of(experiment)
        if len(features) != 1:
            raise RefusedError("its treatments have to be of one feature, which featureVariations name")
        place = place_of(experiment, *features)
        other = self.open_on[place]
        if other is not experiment:
            raise RefusedError(f"the feature {place[1]} has another one already, {other['name']}")
        found = [one for one in self.export.feature.values() if place_of(one) == place]
        if not found:
            raise RefusedError(f"its feature {place[1]} is not in the file: add what get-feature prints")
        return found[0]

    def _targeting(self, experiment: Document) -> dict[str, Any]:
        name = str(experiment.get("segment", "")).rpartition("/")[2]
        if not name:
            return {}
        patterns = [one["pattern"] for one in self.export.segment.values() if one["name"] == name]
        if not patterns:
            raise RefusedError(f"its segment {name} is not in the file: add what get-segment prints")
        return condition_of(json.loads(patterns[0]) if isinstance(patterns[0], str) else patterns[0])


def place_of(document: Document, feature: str | None = None) -> Place:
    """Where a feature is: its project may be named or an ARN."""
    return str(document.get("project", "")).rpartition("/")[2], feature or document["name"]


def features_of(experiment: Document) -> set[str]:
    """The features that an experiment's treatments are of."""
    treatments = experiment.get("treatments")
    named = [one.get("featureVariations") for one in treatments or () if isinstance(one, dict)]
    return {name for one in named if isinstance(one, dict) for name in one}


def _metrics(experiment: Document) -> tuple[list[dict[str, Any]], list[str]]:
    goals = [metrics_of(goal) for goal in experiment.get("metricGoals", [])]
    return [one for metrics, _ in goals for one in metrics], [note for _, notes in goals for note in notes]
