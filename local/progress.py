"""Work on several connections at once, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from tqdm import tqdm

CONNECTIONS = 4
T = TypeVar("T")
R = TypeVar("R")


def in_parallel(
    work: Callable[[T], R], items: Collection[T], *, label: str, unit: str, size: Callable[[T], int] = lambda _: 1
) -> list[R]:
    """The work's results, in the order they come; the bar moves by each item's size. The first error ends it all."""
    with (
        ThreadPoolExecutor(CONNECTIONS) as pool,
        tqdm(total=sum(map(size, items)), desc=label, unit=f" {unit}") as bar,
    ):
        results = []
        try:
            running = {pool.submit(work, item): size(item) for item in items}
            for done in as_completed(running):
                results.append(done.result())
                bar.update(running[done])
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return results
