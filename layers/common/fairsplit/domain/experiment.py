"""An experiment as it is stored and answered: its variants, metrics, analysis and dates."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]


class Status(StrEnum):
    """Where an experiment is in its life."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    ARCHIVED = "archived"


class Value(BaseModel):
    """A frozen model that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Variant(Value):
    key: Key
    weight: float = Field(ge=0, le=100)
    value: Any = None


class Namespace(Value):
    """A range of a namespace, in percent: experiments with disjoint ranges never share a unit."""

    key: Key
    start: float = Field(alias="from", ge=0, le=100)
    end: float = Field(alias="to", ge=0, le=100)


class Metric(Value):
    """What is measured of a unit: `kind` says how its events become one number."""

    key: Key
    kind: Literal["conversion", "count", "mean", "ratio"]
    event_type: str | None = None
    value: str | None = None
    numerator: Key | None = None
    denominator: Key | None = None
    role: Literal["primary", "secondary", "guardrail"] = "secondary"
    direction: Literal["increase", "decrease"] = "increase"
    cap: float | None = None
    window_hours: float | None = None
    margin: float | None = None


class Analysis(Value):
    method: Literal["frequentist", "bayesian", "sequential"] = "frequentist"
    alpha: float = Field(0.05, gt=0, lt=1)
    correction: Literal["none", "holm", "bh"] = "holm"
    power: float = Field(0.8, gt=0, lt=1)
    mde: float = Field(0.05, gt=0)
    cuped_days: int = Field(14, ge=0, le=90)


class Schedule(Value):
    start_at: datetime | None = None
    end_at: datetime | None = None


class Experiment(Value):
    """Everything that is known of an experiment; `epoch` alone is not shown to callers."""

    key: Key
    name: str
    description: str = ""
    hypothesis: str = ""
    tags: tuple[str, ...] = ()
    status: Status = Status.DRAFT
    version: int = 1
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    paused_at: datetime | None = None
    completed_at: datetime | None = None
    winner: str | None = None
    variants: tuple[Variant, ...]
    control: str
    coverage: float = 100
    targeting: dict[str, Any] = {}
    namespace: Namespace | None = None
    overrides: dict[str, str] = {}
    metrics: tuple[Metric, ...] = ()
    dimensions: tuple[str, ...] = ()
    analysis: Analysis = Analysis()
    schedule: Schedule = Schedule()
    hash_version: Literal[2] = 2
    seed: str
    epoch: int = 1
