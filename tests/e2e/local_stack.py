"""The small stack, running; and what tests ask of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import httpx

from local.service import Service, start

TEMPLATE = Path(__file__).parent / "small_stack" / "template.yaml"
PATIENCE = 30  # seconds


def small_service(data_dir: Path, **environment: str) -> AbstractContextManager[Service]:
    """The local service with the small stack, until the block ends."""
    return start(data_dir, FAIRSPLIT_TEMPLATE=str(TEMPLATE), **environment)


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it holds within half a minute."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.1)
    return False


def children_of(service: Service) -> list[int]:
    """The processes that the service has started."""
    parents = {
        pid: _parent(pid) for pid in [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    }
    found = [service.process.pid] if service.process else []
    for parent in found:
        found += [pid for pid, of in parents.items() if of == parent]
    return found[1:]


def is_running(pid: int) -> bool:
    """Whether a process is there and not only waiting to be forgotten."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def command_of(pid: int) -> str:
    """The command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def copies(service: Service) -> set[str]:
    """The keys that the stream's and the scheduler's functions have written."""
    return set(httpx.get(f"{service.url}/copies", timeout=30).json())


def _parent(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except FileNotFoundError:
        return None
