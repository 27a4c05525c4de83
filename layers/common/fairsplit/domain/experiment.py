"""An experiment as it is stored and answered: its variants, metrics, analysis and dates."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from fairsplit.domain.keys import KEY
from fairsplit.domain.timestamps import from_text, to_text

Key = Annotated[str, Field(pattern=KEY)]
Text = Annotated[str, Field(max_length=2_000)]
Percent = Annotated[int | float, Field(ge=0, le=100)]
Share = Annotated[int | float, Field(gt=0, lt=1)]
Positive = Annotated[int | float, Field(gt=0, le=1e9)]
EventType = Annotated[
    str, Field(min_length=1, max_length=128, pattern=r"^[^$\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$")
]


def _to_moment(value: Any) -> Any:
    return from_text(value) if isinstance(value, str) else value


Moment = Annotated[datetime, BeforeValidator(_to_moment), PlainSerializer(to_text, when_used="json")]


class Status(StrEnum):
    """Where an experiment is in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    ARCHIVED = "archived"


LIVE = frozenset({Status.ACTIVE, Status.PAUSED, Status.COMPLETED})


class Value(BaseModel):
    """A frozen model that refuses fields it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_by_alias=True, hide_input_in_errors=True
    )


class Variant(Value):
    """One of the things that a unit may get: `weight` in percent, and any JSON as its value."""

    key: Key
    weight: Percent
    value: Any = None


class Namespace(Value):
    """A range of a namespace, in percent: experiments with disjoint ranges never share a unit."""

    key: Key
    start: Percent = Field(alias="from")
    end: Percent = Field(alias="to")


class Metric(Value):
    """What is measured of a unit: `kind` says how its events become one number."""

    key: Key
    kind: Literal["conversion", "count", "mean", "ratio"]
    event_type: EventType | None = None
    value: Annotated[str, Field(pattern=r"^(value|properties\.[^\x00-\x1f]{1,128})$")] | None = None
    numerator: Key | None = None
    denominator: Key | None = None
    role: Literal["primary", "secondary", "guardrail"] = "secondary"
    direction: Literal["increase", "decrease"] = "increase"
    cap: Positive | None = None
    window_hours: Annotated[int | float, Field(gt=0, le=24 * 366)] | None = None
    margin: Share | None = None


class LiftPrior(Value):
    """What is believed of a lift before any data: a normal distribution, or with `proper` false nothing at all."""

    mean: Annotated[int | float, Field(ge=-100, le=100)] = 0
    sd: Annotated[int | float, Field(ge=1e-9, le=100)] = 0.3
    proper: bool = True


Method = Literal["frequentist", "bayesian", "sequential"]
Correction = Literal["none", "holm", "bh"]
Units = Annotated[int, Field(ge=2, le=10**12)]


ON_DEMAND = frozenset({"cuped", "expected_units", "planned_units", "prior"})


class Judging(Value):
    """How comparisons are judged. `planned_units` are of all variants together, `expected_units` of the two compared.

    A sequential experiment with `planned_units` is looked at once a day up to these; one without may be looked at at
    any time, with intervals that are narrowest at `expected_units`.
    """

    method: Method = "frequentist"
    alpha: Share = 0.05
    correction: Correction = "holm"
    cuped: bool = False
    expected_units: Units = 5_000
    planned_units: Units | None = None
    prior: LiftPrior = LiftPrior()


class Analysis(Judging):
    """How results are computed where a reader asks for nothing else, and what the experiment is to find out."""

    power: Share = 0.8
    mde: Positive = 0.05
    cuped_days: Annotated[int, Field(ge=0, le=90)] = 14

    def as_json(self) -> dict[str, Any]:
        """The analysis as callers see it: what only some methods use is shown where it is not the default."""
        own, default = self.model_dump(mode="json"), Analysis().model_dump(mode="json")
        return {name: value for name, value in own.items() if name not in ON_DEMAND or value != default[name]}


class Schedule(Value):
    """When the experiment starts and ends by itself."""

    start_at: Moment | None = None
    end_at: Moment | None = None


class Settings(Value):
    """What a client may set."""

    key: Key
    kind: Literal["experiment", "holdout"] = "experiment"
    name: Annotated[str, Field(min_length=1, max_length=200)]
    description: Text = ""
    hypothesis: Text = ""
    tags: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=20)] = ()
    variants: Annotated[tuple[Variant, ...], Field(min_length=2, max_length=10)]
    control: str = ""
    coverage: Percent = 100
    targeting: dict[str, Any] = {}
    namespace: Namespace | None = None
    overrides: Annotated[dict[str, str], Field(max_length=1_000)] = {}
    metrics: Annotated[tuple[Metric, ...], Field(max_length=20)] = ()
    dimensions: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=10)] = ()
    analysis: Analysis = Analysis()
    schedule: Schedule = Schedule()
    seed: Annotated[str, Field(min_length=1, max_length=64)] = ""
    hash_version: Literal[2] = 2

    @property
    def is_holdout(self) -> bool:
        """Whether it keeps units out of the other experiments of its namespace."""
        return self.kind == "holdout"


class Experiment(Settings):
    """Everything that is known of an experiment. `epoch` alone is not shown to callers."""

    status: Status = Status.DRAFT
    version: int = 1
    created_at: Moment
    updated_at: Moment
    started_at: Moment | None = None
    paused_at: Moment | None = None
    completed_at: Moment | None = None
    winner: str | None = None
    epoch: int = 1

    @property
    def is_live(self) -> bool:
        """Whether clients still ask for it: it has started, and is not archived."""
        return self.status in LIVE

    def variant(self, key: str) -> Variant | None:
        """The variant of that key; None where there is none."""
        return next((variant for variant in self.variants if variant.key == key), None)

    def as_json(self) -> dict[str, Any]:
        """The experiment as callers see it; its kind is shown where it is not the usual one."""
        hidden = {"epoch", "metrics", "analysis"} | (set() if self.is_holdout else {"kind"})
        value = self.model_dump(mode="json", by_alias=True, exclude=hidden)
        metrics = [metric.model_dump(mode="json", exclude_none=True) for metric in self.metrics]
        return value | {"metrics": metrics, "analysis": self.analysis.as_json()}


SERVER_FIELDS = frozenset(Experiment.model_fields) - frozenset(Settings.model_fields) - {"epoch"}
