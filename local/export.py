"""`make export`: all pages of an export of an experiment, in one CSV file."""

from __future__ import annotations

import argparse
import csv
import io
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, urlencode

from tqdm import tqdm

from local.command_line import parser, run
from local.http_client import Service

WHAT = ("assignments", "events", "results")


def export(service: Service, arguments: argparse.Namespace) -> int:
    """Write the file, whole or not at all; 0 when it is there."""
    target = Path(arguments.file or f"{arguments.experiment}-{arguments.what}.csv")
    if target.exists() and not arguments.force:
        print(f"{target} is there already. Name another with FILE=…, or remove it.", file=sys.stderr)
        return 1
    part = target.with_name(f"{target.name}.part")
    try:
        rows = write(part, pages(service, arguments), arguments.what)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    print(f"{rows} rows are in {target}.")
    return 0


def write(part: Path, found: Iterator[list[list[str]]], what: str) -> int:
    """Write all pages under one line of names; how many rows these are."""
    total = 0
    with part.open("w", encoding="utf-8", newline="") as file, tqdm(unit=" rows", desc=what) as bar:
        table = csv.writer(file)
        for number, (names, *rows) in enumerate(found):
            table.writerows(rows if number else [names, *rows])
            total += len(rows)
            bar.update(len(rows))
    return total


def pages(service: Service, arguments: argparse.Namespace) -> Iterator[list[list[str]]]:
    """The cells of each page, the names of the columns first."""
    query = {"what": arguments.what} | ({"raw": "true"} if arguments.raw else {})
    url = f"/v1/experiments/{quote(arguments.experiment, safe='')}/export?{urlencode(query)}"
    while url:
        answer = service.read("analyst", url)
        yield list(csv.reader(io.StringIO(answer.text, newline="")))
        following = answer.links.get("next", {}).get("url")
        url = str(answer.url.join(following)) if following else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: its exit code."""
    options = parser(__doc__ or "")
    options.add_argument("experiment", help="the experiment's key")
    options.add_argument("what", choices=WHAT, help="what to export")
    options.add_argument("--file", help="where to; the experiment and what is exported without it")
    options.add_argument(
        "--raw", action="store_true", help="texts as they are, also those that a spreadsheet would run"
    )
    options.add_argument("--force", action="store_true", help="write over a file that is there")
    chosen = options.parse_args(arguments)
    return run(lambda service: export(service, chosen), chosen)


if __name__ == "__main__":
    os.umask(0o077)  # what is exported is about people
    sys.exit(main())
