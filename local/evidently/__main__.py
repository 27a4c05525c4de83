"""`make import-evidently`: drafts from an export of CloudWatch Evidently, on a running service.

What is there already stays as it is, so the command may be run again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from fairsplit.domain.errors import InvalidError
from fairsplit.domain.experiment_rules import read_settings
from local.command_line import parser, run
from local.evidently.drafts import Line, drafts_of
from local.evidently.errors import ExportError
from local.evidently.export import read
from local.http_client import CallError, Service

HEAD = ("what", "name", "key", "outcome")
CONFLICT, INVALID, TOO_LARGE = 409, 422, 413


def make(service: Service, lines: Sequence[Line]) -> int:
    """Make the drafts, and print what became of each; 1 where something could not be made."""
    return _report([_make(service, line) for line in lines])


def _make(service: Service, line: Line) -> tuple[Line, str]:
    if line.body is None:
        return line, "skipped" if line.skipped else "not made"
    try:
        service.call("admin", "POST", "/v1/experiments", line.body)
    except CallError as error:
        if error.status == CONFLICT:
            return line, "is there already, and stays"
        if error.status not in {INVALID, TOO_LARGE}:
            raise
        return replace(line, refusal=str(error)), "not made"
    return line, "made, a draft"


def try_out(lines: Sequence[Line]) -> int:
    """Print what would be made, by the rules that the service has; nothing is called."""
    return _report([_try(line) for line in lines])


def _try(line: Line) -> tuple[Line, str]:
    if line.body is None:
        return line, "skipped" if line.skipped else "not made"
    try:
        read_settings(line.body, seed="0")
    except InvalidError as error:
        return replace(line, refusal=f"{error.code}: {error.detail}"), "not made"
    return line, "would be made"


def _report(outcomes: Sequence[tuple[Line, str]]) -> int:
    rows = [HEAD, *((line.kind, line.name, line.key, outcome) for line, outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD) - 1)]
    print(*_texts(rows, widths, [(), *(_remarks(line) for line, _ in outcomes)]), sep="\n")
    return 1 if any(line.refusal and not line.skipped for line, _ in outcomes) else 0


def _remarks(line: Line) -> tuple[str, ...]:
    return (*([line.refusal] if line.refusal else []), *line.notes)


def _texts(rows: Sequence[Sequence[str]], widths: Sequence[int], remarks: Sequence[Sequence[str]]) -> Iterator[str]:
    for row, said in zip(rows, remarks, strict=True):
        *cells, last = row
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)), last])
        yield from (f"    {one}" for one in said)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: its exit code."""
    options = parser("Make drafts from an export of CloudWatch Evidently: features, experiments, segments.")
    options.prog = "import-evidently"
    options.add_argument("file", type=Path, help="what the AWS CLI printed, one document or many")
    options.add_argument("--dry-run", action="store_true", help="say what would be made, and call nothing")
    chosen = options.parse_args(arguments)
    try:
        lines = drafts_of(read(chosen.file))
    except ExportError as error:
        print(error, file=sys.stderr)
        return 1
    return try_out(lines) if chosen.dry_run else run(lambda service: make(service, lines), chosen)


if __name__ == "__main__":
    sys.exit(main())
