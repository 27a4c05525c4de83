"""The table of cases. Run as a module, it asks the installed peers again and writes their answers into the table:

python -m tests.unit.stats.agreement.freeze
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.unit.stats.agreement.peers import PEERS, Numbers

FILE = Path(__file__).parent / "cases.json"

Case = dict[str, Any]


def cases() -> list[Case]:
    """All cases, as they are frozen."""
    table: list[Case] = json.loads(FILE.read_text())
    return table


def library(case: Case) -> str:
    """The peer's name: what comes before its version."""
    name: str = case["peer"].split()[0]
    return name


def answer_of_peer(case: Case) -> Numbers:
    """What the installed peer says now."""
    found = PEERS[library(case), case["question"]](case["inputs"])
    return {name: value if isinstance(value, list) else float(value) for name, value in found.items()}


def frozen(case: Case) -> Case:
    """The same case with the installed peer's version and answer."""
    call = case["peer"].partition(": ")[2]
    peer = f"{library(case)} {version(library(case))}: {call}"
    return case | {"peer": peer, "expected": answer_of_peer(case)}


if __name__ == "__main__":
    FILE.write_text(json.dumps([frozen(case) for case in cases()], indent=1, ensure_ascii=False) + "\n")
