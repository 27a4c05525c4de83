"""`make export`: all pages of an export of an experiment, in one CSV file."""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import quote, urlencode

from tqdm import tqdm

from local.command_line import parser, run
from local.http_client import Service

WHAT = ("assignments", "events", "results")
Table = list[list[str]]  # the names of the columns, and rows


class ColumnsError(Exception):
    """The columns changed from one page to the next."""


def export(service: Service, arguments: argparse.Namespace) -> int:
    """Write the file, whole or not at all; 0 when it is there."""
    target = Path(arguments.file or f"{arguments.experiment}-{arguments.what}.csv")
    if target.exists() and not arguments.force:
        print(f"{target} is there already. Name another with FILE=…, or remove it.", file=sys.stderr)
        return 1
    try:
        rows = save(target, pages(service, arguments), arguments.what)
    except ColumnsError:
        print("The experiment was changed, and its columns with it, while it was read. Try again.", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{target} cannot be written: {error.strerror or error}.", file=sys.stderr)
        return 1
    print(f"{rows} rows are in {target}.")
    return 0


def save(target: Path, found: Iterable[Table], what: str) -> int:
    """Write all pages beside the target, and put them in its place when all are there; how many rows these are."""
    total = -1  # the names are no row
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as file:  # its owner's alone, as the target then is: it is about people
        try:
            with tqdm(unit=" rows", desc=what, initial=total) as bar:
                for rows in joined(found):
                    csv.writer(file).writerows(rows)
                    total += len(rows)
                    bar.update(len(rows))
            file.close()
            Path(file.name).replace(target)
        finally:
            Path(file.name).unlink(missing_ok=True)
    return total


def joined(found: Iterable[Table]) -> Iterator[Table]:
    """The rows of each page, and ahead of all the first one's names.

    Raises:
        ColumnsError: another page has other names.
    """
    first: list[str] | None = None
    for names, *rows in found:
        if first is None:
            yield [names]
        elif names != first:
            raise ColumnsError
        first = names
        yield rows


def pages(service: Service, arguments: argparse.Namespace) -> Iterator[Table]:
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
    options.add_argument("--what", choices=WHAT, default=WHAT[0], help="what to export")
    options.add_argument("--file", help="where to; the experiment and what is exported without it")
    options.add_argument(
        "--raw", action="store_true", help="texts as they are, also those that a spreadsheet would run"
    )
    options.add_argument("--force", action="store_true", help="write over a file that is there")
    chosen = options.parse_args(arguments)
    return run(lambda service: export(service, chosen), chosen)


if __name__ == "__main__":
    sys.exit(main())
