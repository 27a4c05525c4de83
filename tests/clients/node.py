"""JavaScript as a user of the libraries would run it: in Node, or in a page of a browser."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.clients.installing import BROWSER, HOME, NODE, chromium

PAGES = (Path(__file__).parent / "pages.mjs").read_text()
PATIENCE = 120  # seconds
LIBRARIES = str(BROWSER / "al2023" / "lib")  # for a machine that has none of its own


def run(code: str, given: Any = None) -> Any:
    """The JSON that a module prints; it finds what it is given as JSON on its standard input."""
    return json.loads(printed(code, json.dumps(given)))


def run_with_pages(code: str, given: dict[str, Any]) -> Any:
    """The same for a module that opens pages, by what pages.mjs offers; `api` is the service's address."""
    browser = {"path": str(chromium()), "libraries": LIBRARIES}
    return run(f"{PAGES}\n{code}", given | {"browser": browser})


def printed(code: str, given: str = "", **environment: str) -> str:
    """What a module prints."""
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", code],
        cwd=HOME,
        env=os.environ | environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
