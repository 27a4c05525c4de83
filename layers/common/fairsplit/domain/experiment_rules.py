"""The rules of an experiment's settings, field by field and together. All that is broken is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any

from pydantic import BaseModel

from fairsplit.domain import holdouts, targeting
from fairsplit.domain.errors import Fault, InvalidError
from fairsplit.domain.experiment import SERVER_FIELDS, Analysis, Metric, Namespace, Schedule, Settings, Variant
from fairsplit.domain.reading_models import raise_all, read_model, unknown_field
from fairsplit.domain.shared_rules import control_faults, margin_faults, repeated
from fairsplit.domain.unit_ids import is_unit_id

USED_BY_KIND = {
    "conversion": {"event_type", "window_hours"},
    "count": {"event_type", "window_hours"},
    "mean": {"event_type", "value", "cap", "window_hours"},
    "ratio": {"numerator", "denominator"},
}
NEEDED_BY_KIND = {
    "conversion": ("event_type",),
    "count": ("event_type",),
    "mean": ("event_type",),
    "ratio": ("numerator", "denominator"),
}
ALL_DIGITS = 400  # of a sum of any weights: from 100 down to the smallest float

PARTS: Mapping[str, type[BaseModel]] = {"analysis": Analysis, "namespace": Namespace, "schedule": Schedule}


def read_settings(body: Mapping[str, Any], seed: str) -> Settings:
    """The settings that a client's JSON asks for; what it leaves out and depends on other fields is filled in.

    Raises:
        InvalidError: rules are broken; each has its entry, and the first one's code is the error's own.
    """
    raise_all([read_only(name) for name in sorted(SERVER_FIELDS & body.keys())])
    settings = read_model(Settings, holdouts.with_weights(body))
    raise_all(list(unknown_names(body)))  # pydantic takes `start` for the `from` that it is an alias of
    filled = settings.model_copy(
        update={
            "control": settings.control if "control" in settings.model_fields_set else settings.variants[0].key,
            "seed": settings.seed or seed,
            "variants": tuple(_with_value(variant) for variant in settings.variants),
            "metrics": tuple(_with_source(metric) for metric in settings.metrics),
        }
    )
    raise_all(list(broken_rules(filled)))
    return filled


def read_only(name: str) -> Fault:
    """The fault of a field that clients may not set."""
    return Fault((name,), "read_only_field", f"{name} is set by the server: leave it out.")


def unknown_names(body: Mapping[str, Any]) -> Iterator[Fault]:
    """The fields that an experiment does not have, also those that a patch sets to null."""
    yield from (unknown_field(name) for name in body if name not in Settings.model_fields.keys() | SERVER_FIELDS)
    for name, model in PARTS.items():
        inside = body.get(name)
        if isinstance(inside, Mapping):
            names = {field.alias or own for own, field in model.model_fields.items()}
            yield from (unknown_field(name, one) for one in inside if one not in names)


def _with_value(variant: Variant) -> Variant:
    return variant if "value" in variant.model_fields_set else variant.model_copy(update={"value": variant.key})


def _with_source(metric: Metric) -> Metric:
    return metric.model_copy(update={"value": "value"}) if metric.kind == "mean" and metric.value is None else metric


def broken_rules(settings: Settings) -> Iterator[Fault]:
    """Each rule between fields that the settings break."""
    yield from _variant_faults(settings)
    yield from _metric_faults(settings.metrics)
    yield from _override_faults(settings)
    yield from _targeting_faults(settings.targeting)
    yield from holdouts.broken_rules(settings)
    if settings.namespace and settings.namespace.start >= settings.namespace.end:
        yield Fault(("namespace", "to"), "namespace_range_empty", "`to` has to be greater than `from`.")
    schedule = settings.schedule
    if schedule.start_at and schedule.end_at and schedule.end_at <= schedule.start_at:
        yield Fault(("schedule", "end_at"), "schedule_order", "end_at has to be later than start_at.")
    yield from repeated(settings.dimensions, "dimensions", "duplicate_dimension")


def _variant_faults(settings: Settings) -> Iterator[Fault]:
    keys = [variant.key for variant in settings.variants]
    yield from repeated(keys, "variants", "duplicate_variant", "key")
    if not settings.is_holdout:  # whose weights follow from its range
        yield from _weight_faults(settings)
    yield from control_faults(settings.control, keys)


def _weight_faults(settings: Settings) -> Iterator[Fault]:
    with localcontext(prec=ALL_DIGITS):
        total = sum((Decimal(repr(variant.weight)) for variant in settings.variants), Decimal(0)).normalize()
    if total != 100:
        message = f"The weights have to sum to 100 exactly; they sum to {total:f}."
        yield Fault(("variants",), "weights_must_sum_to_100", message)


def _override_faults(settings: Settings) -> Iterator[Fault]:
    keys = [variant.key for variant in settings.variants]
    for unit_id, variant in settings.overrides.items():
        if not is_unit_id(unit_id):
            message = "A unit id is 1 to 256 characters, none of them a control character."
            yield Fault(("overrides", unit_id), "unit_id_invalid", message)
        if variant not in keys:
            yield Fault(("overrides", unit_id), "unknown_variant", f"Take one of: {', '.join(keys)}.")


def _targeting_faults(condition: Mapping[str, Any]) -> Iterator[Fault]:
    try:
        targeting.check(condition)
    except InvalidError as error:
        yield from error.faults


def _metric_faults(metrics: Sequence[Metric]) -> Iterator[Fault]:
    yield from repeated([metric.key for metric in metrics], "metrics", "duplicate_metric", "key")
    if metrics and not any(metric.role == "primary" for metric in metrics):
        yield Fault(("metrics",), "primary_metric_required", "One metric at least has to have the role primary.")
    plain = {metric.key for metric in metrics if metric.kind != "ratio"}
    for index, metric in enumerate(metrics):
        yield from _fields_of_kind(index, metric)
        yield from margin_faults(("metrics", index), role=metric.role, margin=metric.margin)
        for name in ("numerator", "denominator") if metric.kind == "ratio" else ():
            part = getattr(metric, name)
            if part is not None and part not in plain:
                message = f"{name} has to be the key of another metric of the experiment that is no ratio."
                yield Fault(("metrics", index, name), "unknown_metric", message)


def _fields_of_kind(index: int, metric: Metric) -> Iterator[Fault]:
    for name in NEEDED_BY_KIND[metric.kind]:
        if getattr(metric, name) is None:
            yield Fault(("metrics", index, name), "required", f"A metric of kind {metric.kind} needs {name}.")
    for name in sorted(set().union(*USED_BY_KIND.values()) - USED_BY_KIND[metric.kind]):
        if getattr(metric, name) is not None:
            message = f"A metric of kind {metric.kind} has no {name}: leave it out."
            yield Fault(("metrics", index, name), "not_for_this_kind", message)
