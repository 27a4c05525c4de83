"""Waiting until an experiment's results have caught up with what was sent."""

from __future__ import annotations

from typing import Any

from tqdm import tqdm

from local.http_client import Service

SETTLE = 2.0  # seconds between the reading that is complete and the one that confirms it


def read_results(service: Service, key: str) -> dict[str, Any]:
    """The experiment's results now."""
    results: dict[str, Any] = service.call("analyst", "GET", f"/v1/experiments/{key}/results")
    return results


def wait_for_results(service: Service, key: str, *, units: int, events: int, patience: float = 90) -> dict[str, Any]:
    """The results once they hold so many units and events; confirmed a moment later, lest one more is counted.

    The results as they are, when nothing has moved for `patience` seconds: the caller compares.
    """
    wanted, seen, moved_at = (units, events), (0, 0), service.clock()
    with tqdm(total=events, desc="Events counted", unit=" events") as bar:
        while True:
            results = read_results(service, key)
            now = _counts(results)
            bar.update(now[1] - seen[1])
            if now != seen:
                seen, moved_at = now, service.clock()
            elif now == wanted or service.clock() - moved_at > patience:
                return results
            service.sleep(SETTLE if now == wanted else 1.0)


def _counts(results: dict[str, Any]) -> tuple[int, int]:
    return results["summary"]["units"], results["summary"]["events"]
