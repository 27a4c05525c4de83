"""Waiting before a call is made again: longer each time, and not all callers at once."""

from __future__ import annotations

import random
import time

ATTEMPTS = 5


def back_off(attempt: int) -> None:
    """Wait before the call is made again for so many times: at random, up to a longest time that doubles."""
    time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 - jitter, no secret
