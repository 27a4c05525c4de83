"""Sending many items in batches, until the service has taken every one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local.http_client import Service
from local.progress import in_parallel

PAUSE = 1.0  # seconds before what was throttled is sent again


class RejectedError(Exception):
    """The service does not take an item, and will not if it is sent again."""


def send_all(
    service: Service, role: str, path: str, *, field: str, items: Sequence[Any], size: int, label: str
) -> None:
    """POST the items under the field's name, `size` a call, a few calls at once, with a progress bar.

    Raises:
        RejectedError: an item was rejected for another reason than throttling.
    """

    def send(batch: Sequence[Any]) -> None:
        while batch := _throttled(batch, service.call(role, "POST", path, {field: batch})["rejected"]):
            service.sleep(PAUSE)

    batches = [items[start : start + size] for start in range(0, len(items), size)]
    in_parallel(send, batches, label=label, unit=field, size=len)


def _throttled(items: Sequence[Any], rejected: Sequence[dict[str, Any]]) -> list[Any]:
    for each in rejected:
        if each["code"] != "throttled":
            raise RejectedError(f"{each['code']}: {each['detail']} {items[each['index']]}")
    return [items[each["index"]] for each in rejected]
