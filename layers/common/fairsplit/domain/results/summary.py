"""The experiment as a whole: how many units, whether the split is right, how far it is, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from fairsplit.domain.experiment import Experiment, Status
from fairsplit.domain.moments import OUTSIDE_RUN, Moments, total
from fairsplit.domain.recount import Recount
from fairsplit.domain.results.answers import notes_json, split_json
from fairsplit.domain.results.decision import Decision, Evidence, decide
from fairsplit.domain.results.figures import LEFT_OUT, Figures
from fairsplit.domain.results.judgements import Judgement
from fairsplit.domain.results.outlook import outlook
from fairsplit.domain.results.progress import Progress
from fairsplit.domain.results.question import Question
from fairsplit.domain.results.reasons import Judged
from fairsplit.domain.results.report import events_of
from fairsplit.domain.stats.notes import Note
from fairsplit.domain.timestamps import day_of, to_text

DRIFT = "drift"


def summary(
    figures: Figures,
    by_day: Mapping[date, Moments],
    judged: Sequence[Judgement],
    recount: Recount,
    now: datetime,
) -> dict[str, Any]:
    """What `summary` of the results says."""
    moments = total(by_day.values())
    progress = outlook(figures, by_day, judged, now)
    decision = decision_on(figures, moments, judged, recount=recount, progress=progress, now=now)
    return {
        "units": moments.units("units"),
        "events": events_of(moments),
        "days": days_of(figures.experiment, figures.question, now),
        "decision": decision.decision,
        "winner": decision.winner,
        "reasons": list(decision.reasons),
        "srm": split_json(figures.split(moments))
        | {"with_left_out": split_json(figures.split(moments, ("units", *LEFT_OUT)))},
        "progress": progress_json(progress),
        "mixed_units": moments.units("mixed"),
        "heavy_units": moments.units("heavy"),
        "merged_units": moments.units("merged"),
        "recount": recount_json(recount),
        "notes": notes_json(notes_on(moments)),
    }


def notes_on(moments: Moments) -> list[Note]:
    """What to know of the experiment as a whole."""
    ignored = moments.units(OUTSIDE_RUN)
    detail = f"Exposures of its units before the start or after the completion, which are ignored: {ignored:,}."
    return [Note("exposures_outside_run", detail)] if ignored else []


def decision_on(
    figures: Figures,
    moments: Moments,
    judged: Sequence[Judgement],
    *,
    recount: Recount,
    progress: Progress,
    now: datetime,
) -> Decision:
    """What to do, and why; nothing of a draft."""
    experiment = figures.experiment
    if experiment.started_at is None:
        return Decision(None, None, ())
    weights = {one.key: one.weight for one in experiment.variants}  # one without weight gets no units to judge it by
    split = figures.split(moments)
    everybody = sum(moments.units(name) for name in ("units", *LEFT_OUT))
    return decide(
        Evidence(
            judged=tuple(_judged(one) for one in judged if weights[one.variant]),
            split_p_value=split.p_value,
            split_broken=split.flagged or split.alert,
            drifting=recount.is_running and recount.reason == DRIFT,
            recounting=any(isinstance(one.found, Note) and one.found.code == "recounting" for one in judged),
            mixed_share=moments.units("mixed") / everybody if everybody else 0.0,
            full_days=full_days(experiment, figures.question, now),
            units_now=progress.units_now,
            units_needed=progress.units_needed,
            any_time=figures.plan.method == "sequential",
            mde=float(experiment.analysis.mde),
            ended=experiment.status in {Status.COMPLETED, Status.ARCHIVED},
        )
    )


def header(experiment: Experiment) -> dict[str, Any]:
    """The experiment that results are of."""
    return {
        "key": experiment.key,
        "name": experiment.name,
        "status": experiment.status,
        "started_at": to_text(experiment.started_at) if experiment.started_at else None,
        "completed_at": to_text(experiment.completed_at) if experiment.completed_at else None,
        "control": experiment.control,
        "winner": experiment.winner,
    }


def days_of(experiment: Experiment, question: Question, now: datetime) -> int:
    """How many UTC days the answer covers, from the start or `from` to the end, `to` or today."""
    if experiment.started_at is None:
        return 0
    last = min(day_of(experiment.completed_at or now), question.last or date.max)
    first = max(day_of(experiment.started_at), question.first or date.min)
    return max(0, (last - first).days + 1)


def full_days(experiment: Experiment, question: Question, now: datetime) -> int:
    """How many times 24 hours have passed from the start to the end, the end of `to`, or now."""
    if experiment.started_at is None:
        return 0
    end = experiment.completed_at or now
    if question.last is not None and question.last < day_of(end):
        end = datetime.combine(question.last + timedelta(days=1), datetime.min.time(), end.tzinfo)
    return max(0, (end - experiment.started_at) // timedelta(days=1))


def recount_json(recount: Recount) -> dict[str, Any] | None:
    """How far a running recount is; None where none runs."""
    if not recount.is_running:
        return None
    requested = to_text(recount.requested_at) if recount.requested_at else None
    return {
        "state": recount.state,
        "reason": recount.reason,
        "units_done": recount.walked,
        "requested_at": requested,
    }


def progress_json(progress: Progress) -> dict[str, Any]:
    return {
        "units_needed": progress.units_needed,
        "units_now": progress.units_now,
        "days_left": progress.days_left,
        "mde_now": progress.mde_now,
        "notes": notes_json(progress.notes),
    }


def _judged(one: Judgement) -> Judged:
    relative = None if isinstance(one.found, Note) else one.found.relative
    verdict = one.guardrail
    return Judged(
        metric=one.metric.key,
        variant=one.variant,
        role=one.metric.role,
        verdict=one.verdict,
        lift=relative.estimate if relative else None,
        interval=relative.ci if relative else None,
        guardrail=verdict.status if verdict else None,
        margin=None if one.metric.margin is None else float(one.metric.margin),
    )
