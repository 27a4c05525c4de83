"""Properties checked against the schemas of their types."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from fairsplit.domain.errors import InvalidError
from fairsplit.domain.event import Event
from fairsplit.services.checking_properties import Schemas, compile_schema
from tests.unit.events.event_making import NOW

SKU = {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]}


@dataclass(frozen=True)
class Kind:
    schema: dict[str, Any]
    type: str = "purchase"
    mode: str = "reject"


@dataclass
class World:
    """A clock to set and a list of types to change; counts how often it is read."""

    kinds: list[Kind]
    now: datetime = NOW
    reads: int = 0
    schemas: Schemas = field(init=False)

    def __post_init__(self) -> None:
        self.schemas = Schemas(self.read, lambda: self.now)

    def read(self) -> list[Kind]:
        self.reads += 1
        return self.kinds

    def detail(self, **properties: Any) -> str | None:
        mismatch = self.schemas.mismatch(Event("e", "u", "purchase", NOW, None, properties))
        return mismatch.detail if mismatch else None


def test_the_detail_names_the_property_and_not_its_value() -> None:
    detail = World([Kind(SKU)]).detail(sku=4711)
    assert detail
    assert "`properties.sku`" in detail
    assert "4711" not in detail


def test_a_type_without_a_schema_takes_any_properties() -> None:
    assert World([Kind(SKU, type="visit")]).detail() is None


def test_schemas_are_read_once_in_five_seconds() -> None:
    world = World([Kind(SKU)])
    for seconds in (0, 2, 5):
        world.now = NOW + timedelta(seconds=seconds)
        world.detail()
    assert world.reads == 1


def test_a_changed_schema_holds_after_five_seconds() -> None:
    world = World([Kind(SKU)])
    assert world.detail() is not None
    world.kinds = [Kind({})]
    world.now += timedelta(seconds=6)
    assert world.detail() is None


def test_a_schema_that_stays_the_same_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([Kind(SKU)])
    world.detail()
    monkeypatch.setattr("fairsplit.services.checking_properties.compile_schema", pytest.fail)
    world.now += timedelta(seconds=6)
    assert world.detail() is not None


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nope"},
        {"$ref": "http://127.0.0.1:1/schema"},
        {"$ref": "file:///etc/passwd"},
        {"pattern": "("},
        {"pattern": r"(a)\1"},
        {"pattern": "(?=a)"},
        {"pattern": "(a{1000}){1000}"},
    ],
)
def test_a_schema_that_is_unusable_or_unsafe_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(InvalidError) as caught:
        compile_schema(schema)
    assert caught.value.code == "schema_invalid"


def test_a_pattern_that_tempts_to_backtrack_is_answered_at_once() -> None:
    validator = compile_schema({"properties": {"x": {"pattern": "^(a+)+$"}}})
    assert not validator.is_valid({"x": "a" * 8_000 + "b"})


@pytest.mark.parametrize("schema", [True, {"additionalProperties": {"$ref": "#"}}, {"$ref": "#"}])
def test_schemas_that_refer_to_themselves_are_fine(schema: dict[str, Any] | bool) -> None:
    assert compile_schema(schema).is_valid({"a": {"b": {}}})
