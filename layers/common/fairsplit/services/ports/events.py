"""What ingesting needs of the world outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from fairsplit.domain.event_chunks import EventChunk


class EventStore(Protocol):
    """Keeps chunks of events, each once."""

    def insert(self, chunks: Sequence[EventChunk], stored_at: datetime) -> Sequence[bool]:
        """For each chunk, whether it is durable now; False where the store throttled."""
        ...


class EventType(Protocol):
    """A type of events whose properties follow a schema; `mode` is reject or warn."""

    @property
    def type(self) -> str: ...
    @property
    def schema(self) -> Mapping[str, Any]: ...
    @property
    def mode(self) -> str: ...


class EventTypeStore(Protocol):
    """Lists all types of events that have a schema."""

    def __call__(self) -> Iterable[EventType]: ...
