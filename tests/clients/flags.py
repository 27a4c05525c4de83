"""Flags for OpenFeature's providers, and what each provider has to say of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from local.http_client import Service
from tests.clients.making import certain, make

UNIT = "ada"


@dataclass(frozen=True)
class Read:
    """A flag that is read, and the details that come back."""

    flag: str
    kind: str  # what is asked for: boolean, string, integer, float or object
    default: Any
    value: Any
    variant: str | None = "on"
    reason: str | None = "SPLIT"
    error: str | None = None
    unit: str | None = UNIT
    attributes: dict[str, Any] = field(default_factory=dict)


READS = {
    "a boolean": Read("is-new", "boolean", False, True),
    "false": Read("is-old", "boolean", True, False),
    "a text": Read("color", "string", "", "blau-grün"),
    "an empty text": Read("blank", "string", "mine", ""),
    "an integer": Read("size", "integer", 0, 12),
    "zero": Read("zero", "integer", 1, 0),
    "a float that is whole": Read("ratio", "float", 0.5, 1.0),
    "a float of zero": Read("nil", "float", 0.5, 0.0),
    "an object": Read("button", "object", {}, {"color": "green", "sizes": [1, 2.5, None]}),
    "an empty object": Read("void", "object", {"mine": 1}, {}),
    "a list": Read("steps", "object", [], ["cart", "pay"]),
    "an override": Read("overridden", "string", "", "off", "off", "TARGETING_MATCH"),
    "a winner": Read("won", "string", "", "green", "green", "STATIC"),
    "one that is paused": Read("paused", "string", "", "blue", "blue", "DISABLED"),
    "one that is a draft": Read("draft", "string", "", "blue", "blue", "DISABLED"),
    "one for others": Read("german", "string", "", "off", "off", "DEFAULT", attributes={"country": "FR"}),
    "one for such a unit": Read("german", "string", "", "on", attributes={"country": "DE"}, unit="berta"),
    "one without coverage": Read("uncovered", "string", "", "blue", "blue", "DEFAULT"),
    "one that is unknown": Read("unknown", "string", "mine", "mine", None, "ERROR", "FLAG_NOT_FOUND"),
    "nobody": Read("color", "string", "mine", "mine", None, "ERROR", "TARGETING_KEY_MISSING", unit=None),
    "another type": Read("color", "boolean", False, False, None, "ERROR", "TYPE_MISMATCH", unit="caesar"),
}


def make_flags(service: Service) -> None:
    """The experiments that the reads are about."""
    for read in READS.values():
        if (read.unit, read.variant, read.reason) == (UNIT, "on", "SPLIT"):
            make(service, read.flag, "active", **certain(read.value))
    make(service, "nothing", "active", **certain(None))
    make(service, "overridden", "active", **certain("on"), overrides={UNIT: "off"})
    make(service, "won", "active", "completed=green")
    make(service, "paused", "active", "paused")
    make(service, "draft")
    make(service, "german", "active", **certain("on"), control="off", targeting={"country": "DE"})
    make(service, "uncovered", "active", coverage=0)
