"""An export of Evidently: what the AWS CLI printed, one document or many of them one behind the other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.evidently.errors import ExportError

KINDS = ("feature", "experiment", "segment", "launch")
LARGEST = 50_000_000  # bytes
SPACE = re.compile(r"\s*")


@dataclass
class Export:
    """Features, experiments, segments and launches by their ARNs, or by their names where they have none."""

    feature: dict[str, dict[str, Any]] = field(default_factory=dict)
    experiment: dict[str, dict[str, Any]] = field(default_factory=dict)
    segment: dict[str, dict[str, Any]] = field(default_factory=dict)
    launch: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, kind: str, document: Mapping[str, Any]) -> None:
        """Keep a document; what a list left out is filled in by the document alone."""
        place: dict[str, dict[str, Any]] = getattr(self, kind)
        name = str(document.get("arn") or document.get("name"))
        place[name] = place.get(name, {}) | dict(document)


def read(path: Path) -> Export:
    """The export in a file.

    Raises:
        ExportError: there is no such file, or it holds something else.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ExportError(f"{path} has more than {LARGEST} bytes: split it.")
        documents = list(_documents(path.read_text()))
    except (OSError, ValueError, RecursionError) as error:
        raise ExportError(f"{path} cannot be read as JSON: {error}") from error
    export = Export()
    for document in documents:
        for kind, one in _found(document):
            export.add(kind, one)
    return export


def _documents(text: str) -> Iterator[Any]:
    decoder, place = json.JSONDecoder(), _behind_space(text, 0)
    while place < len(text):
        document, end = decoder.raw_decode(text, place)
        yield document
        place = _behind_space(text, end)


def _behind_space(text: str, place: int) -> int:
    found = SPACE.match(text, place)
    return found.end() if found else place


def _found(document: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each thing of a document with its kind."""
    if not isinstance(document, dict):
        raise ExportError(f"A document has to be an object, as the AWS CLI prints it: {str(document)[:60]}")
    wrapped = [(kind, document[kind]) for kind in KINDS if kind in document]
    listed = [(kind, one) for kind in KINDS for one in _list(document.get(_plural(kind)) or [], kind)]
    found = wrapped + listed or _bare(document)
    for kind, one in found:
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            raise ExportError(f"A {kind} has to be an object with a name: {str(one)[:60]}")
        yield kind, one


def _list(value: Any, kind: str) -> list[Any]:
    if not isinstance(value, list):
        raise ExportError(f"{_plural(kind)} has to be a list: {str(value)[:60]}")
    return value


def _plural(kind: str) -> str:
    return "launches" if kind == "launch" else f"{kind}s"


def _bare(document: dict[str, Any]) -> list[tuple[str, Any]]:
    """What stands in a document without a name for it."""
    marks = {"feature": "variations", "experiment": "treatments", "segment": "pattern", "launch": "groups"}
    found = [(kind, document) for kind, mark in marks.items() if mark in document]
    if (
        not found
        and not {"project", "projects"} & document.keys()
        and not any(_plural(one) in document for one in KINDS)
    ):
        raise ExportError(f"A document is none of {', '.join(KINDS)}: it has {', '.join(sorted(document))[:80]}")
    return found
