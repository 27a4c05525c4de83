"""GrowthBook's features and experiments, decided by Fairsplit's own rules.

What the product has is asked of it: hash, ranges, choice, conditions, namespaces, and the order of a decision with a
stored variant (`fairsplit.domain.eligibility`). What only GrowthBook has stands here, in its SDK's order, and decides
nothing by itself: forced variations, the query string's, QA mode, drafts, prerequisites, filters, rollouts, and the
documents in which sticky variants are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fairsplit.domain.assignment import Assignment
from fairsplit.domain.eligibility import Case, settled
from fairsplit.domain.experiment import Experiment, Status, Variant
from fairsplit.domain.hashing import bucket_ranges, choose, fnv1a_32, in_range, position_of
from fairsplit.domain.targeting import matches
from tests.unit.making import ENTRY

Json = dict[str, Any]


def with_groups(condition: Any, groups: Mapping[str, Any]) -> Any:
    """The condition with saved groups written out, as our lists of values."""
    if isinstance(condition, list):
        return [with_groups(one, groups) for one in condition]
    if not isinstance(condition, dict):
        return condition
    names = {"$inGroup": "$in", "$notInGroup": "$nin"}
    return {
        names.get(name, name): groups.get(value, []) if name in names else with_groups(value, groups)
        for name, value in condition.items()
    }


def hashed(seed: str, value: Any, version: int) -> float:
    """Our hash; version 1, which the product never uses, as GrowthBook has it; of any other nowhere."""
    if version == 1:
        return (fnv1a_32(f"{value}{seed}") % 1000) / 1000
    return position_of(seed, str(value)) if version == 2 else 2.0


@dataclass
class Client:
    """GrowthBook's context. `documents` keep sticky variants, by attribute and value; None: they are off."""

    context: Json
    documents: dict[str, Json] | None = None
    stack: set[str] = field(default_factory=set)

    # Features

    def feature(self, key: str) -> Json:
        """The outcome of a feature: its value, and why."""
        if key in self.stack:
            return outcome(None, "cyclicPrerequisite")
        features = self.context.get("features") or {}
        if key not in features:
            return outcome(None, "unknownFeature")
        self.stack.add(key)
        try:
            found = (result for rule in features[key].get("rules") or [] for result in self._by_rule(key, rule))
            return next(found, None) or outcome(features[key].get("defaultValue"), "defaultValue")
        finally:
            self.stack.discard(key)

    def _by_rule(self, key: str, rule: Json) -> Iterator[Json]:
        """The rule's outcome, if it has one."""
        for parent in rule.get("parentConditions") or []:
            result = self.feature(parent["id"])
            if result["source"] == "cyclicPrerequisite":
                yield outcome(None, "cyclicPrerequisite")
                return
            if not self._meets(parent["condition"], {"value": result["value"]}):
                if parent.get("gate"):
                    yield outcome(None, "prerequisite")
                return
        if self._is_filtered_out(rule):
            return
        if "force" in rule:
            if self._meets(rule.get("condition")) and self._is_rolled_out(key, rule):
                yield outcome(rule["force"], "force", ruleId=rule.get("id", ""))
            return
        if "variations" in rule:
            experiment = {"key": key} | {name: value for name, value in rule.items() if name not in {"id", "foo"}}
            result = self.run(experiment, key)
            if result["inExperiment"] and not result.get("passthrough"):
                told = {"experiment": experiment, "experimentResult": result, "ruleId": rule.get("id", "")}
                yield outcome(result["value"], "experiment", **told)

    def _is_rolled_out(self, key: str, rule: Json) -> bool:
        """Whether a forced value is for this unit: by a range, or by coverage, which takes in its upper bound."""
        if "range" not in rule and "coverage" not in rule:
            return True
        _, unit_id = self._unit(rule)
        if not unit_id or ("range" not in rule and rule["coverage"] == 0):
            return False
        position = hashed(rule.get("seed") or key, unit_id, rule.get("hashVersion") or 1)
        return in_range(position, tuple(rule["range"])) if "range" in rule else position <= rule["coverage"]

    # Experiments

    def run(self, experiment: Json, feature: str | None = None) -> Json:
        """The outcome of an experiment, whether the unit is in it, and by which variation."""
        forced = self._forced(experiment)
        if forced is not None:
            return self._result(experiment, forced, feature)
        _, unit_id = self._unit(experiment)
        if not unit_id or self.context.get("enabled") is False or experiment.get("active") is False:
            return self._result(experiment, -1, feature)
        sticky, is_blocked = self._sticky(experiment)
        if sticky < 0 and not self._may_enter(experiment):
            return self._result(experiment, -1, feature)
        position = hashed(experiment.get("seed") or experiment["key"], unit_id, experiment.get("hashVersion") or 1)
        number = self._choose(experiment, unit_id, position, sticky)
        if is_blocked or number < 0:
            return self._result(experiment, -1, feature)
        if "force" in experiment or self.context.get("qaMode"):
            return self._result(experiment, experiment.get("force", -1), feature)
        result = self._result(experiment, number, feature, used=True, bucket=position, sticky=sticky >= 0)
        self._keep(experiment, result)
        return result

    def _forced(self, experiment: Json) -> int | None:
        """The number of a variation that somebody wants to look at, or -1 where there is nothing to run."""
        if len(experiment["variations"]) < 2 or self.context.get("enabled") is False:
            return -1
        given = parse_qs(urlsplit(self.context.get("url") or "").query).get(experiment["key"], [""])[0]
        if given.isdigit() and int(given) < len(experiment["variations"]):
            return int(given)
        forced: int | None = (self.context.get("forcedVariations") or {}).get(experiment["key"])
        return forced

    def _may_enter(self, experiment: Json) -> bool:
        """What is asked of a unit that has no sticky variation."""
        if "filters" in experiment:
            if self._is_filtered_out(experiment):
                return False
        elif "namespace" in experiment:
            name, start, end = experiment["namespace"]
            if not in_range(hashed(f"__{name}", self._unit(experiment)[1], 1), (start, end)):
                return False
        if not self._meets(experiment.get("condition")):
            return False
        parents = experiment.get("parentConditions") or []
        return all(self._meets(one["condition"], {"value": self.feature(one["id"])["value"]}) for one in parents)

    def _choose(self, experiment: Json, unit: Any, position: float, sticky: int) -> int:
        """The number of the variation, or -1: by our whole decision where it is one of ours, else by our parts."""
        if experiment.get("hashVersion") == 2 and "ranges" not in experiment and "filters" not in experiment:
            return self._decide(experiment, unit, sticky)
        count, coverage = len(experiment["variations"]), experiment.get("coverage", 1)
        ranges = experiment.get("ranges") or bucket_ranges(count, coverage, experiment.get("weights"))
        chosen = choose(position, [(start, end) for start, end in ranges])
        return sticky if sticky >= 0 else -1 if chosen is None else chosen

    def _decide(self, experiment: Json, unit: Any, sticky: int) -> int:
        unit_id = str(unit)
        ours = as_experiment(experiment, self._groups())
        stored = None
        if sticky >= 0:
            stored = Assignment(
                experiment=ours.key, unit_id=unit_id, variant=str(sticky), bucket=0, assigned_at=ENTRY, incarnation="x"
            )
        variant = settled(Case(ours, unit_id, self.context.get("attributes") or {}, stored)).variant
        return -1 if variant is None else int(variant)

    def _result(
        self,
        experiment: Json,
        number: int,
        feature: str | None,
        *,
        used: bool = False,
        bucket: float | None = None,
        sticky: bool = False,
    ) -> Json:
        is_in = 0 <= number < len(experiment["variations"])
        index = number if is_in else 0
        attribute, value = self._unit(experiment)
        meta = dict(enumerate(experiment.get("meta") or [])).get(index, {})
        result = {
            "key": meta.get("key") or str(index),
            "featureId": feature,
            "inExperiment": is_in,
            "hashUsed": used,
            "variationId": index,
            "value": experiment["variations"][index],
            "hashAttribute": attribute,
            "hashValue": value,
            "stickyBucketUsed": sticky,
        }
        optional = {"bucket": bucket, "name": meta.get("name"), "passthrough": meta.get("passthrough")}
        return result | {name: one for name, one in optional.items() if one is not None}

    # Units, conditions and sticky variations

    def _unit(self, thing: Json) -> tuple[str, Any]:
        """The attribute that says who the unit is, and its value; the fallback's where that is empty."""
        attributes = self.context.get("attributes") or {}
        names = [thing.get("hashAttribute") or "id"]
        if self.documents is not None and not thing.get("disableStickyBucketing"):
            names += [thing["fallbackAttribute"]] if thing.get("fallbackAttribute") else []
        found = [(name, attributes[name]) for name in names if attributes.get(name)]
        return found[0] if found else (names[0], "")

    def _groups(self) -> Json:
        return self.context.get("savedGroups") or {}

    def _meets(self, condition: Json | None, attributes: Json | None = None) -> bool:
        about = (self.context.get("attributes") or {}) if attributes is None else attributes
        return matches(with_groups(condition or {}, self._groups()), about)

    def _is_filtered_out(self, thing: Json) -> bool:
        return any(not self._passes(one) for one in thing.get("filters") or [])

    def _passes(self, one: Json) -> bool:
        _, unit_id = self._unit({"hashAttribute": one.get("attribute")})
        position = hashed(one["seed"], unit_id, one.get("hashVersion") or 2)
        return bool(unit_id) and any(in_range(position, (start, end)) for start, end in one["ranges"])

    def _sticky(self, experiment: Json) -> tuple[int, bool]:
        """The number of the unit's sticky variation, or -1; and whether an older version keeps it out."""
        if self.documents is None or experiment.get("disableStickyBucketing"):
            return -1, False
        kept = self._kept(experiment)
        oldest, key = experiment.get("minBucketVersion") or 0, experiment["key"]
        if any(f"{key}__{version}" in kept for version in range(oldest)):
            return -1, True
        name = kept.get(f"{key}__{experiment.get('bucketVersion') or 0}")
        keys = [one.get("key") for one in experiment.get("meta") or []]
        return (keys.index(name) if name in keys else -1), False

    def _kept(self, experiment: Json) -> Json:
        """The sticky variations under the unit's ids; its own come before its fallback's."""
        attributes: Json = self.context.get("attributes") or {}
        kept: Json = {}
        for name in (experiment.get("fallbackAttribute"), experiment.get("hashAttribute") or "id"):
            document = (self.documents or {}).get(f"{name}||{attributes.get(name)}") if name else None
            kept.update(document["assignments"] if document else {})
        return kept

    def _keep(self, experiment: Json, result: Json) -> None:
        if self.documents is None or experiment.get("disableStickyBucketing"):
            return
        attribute, value = result["hashAttribute"], result["hashValue"]
        new: Json = {"attributeName": attribute, "attributeValue": value, "assignments": {}}
        document = self.documents.setdefault(f"{attribute}||{value}", new)
        name = f"{experiment['key']}__{experiment.get('bucketVersion') or 0}"
        document["assignments"] = document["assignments"] | {name: result["key"]}


def as_experiment(experiment: Json, groups: Json) -> Experiment:
    """One of ours that decides the same; its variants are named by their numbers."""
    count = len(experiment["variations"])
    weights: Sequence[float] = experiment.get("weights") or [1 / count] * count
    return Experiment.model_construct(
        key="a",
        name="A",
        created_at=ENTRY,
        updated_at=ENTRY,
        status=Status.ACTIVE,
        seed=experiment.get("seed") or experiment["key"],
        variants=tuple(Variant.model_construct(key=str(n), weight=100 * one) for n, one in enumerate(weights)),
        control="0",
        coverage=100 * experiment.get("coverage", 1),
        targeting=with_groups(experiment.get("condition") or {}, groups),
        namespace=None,
        overrides={},
        winner=None,
        kind="experiment",
    )


def outcome(value: Any, source: str, **more: Any) -> Json:
    """What a feature is told to be."""
    return {"value": value, "on": bool(value), "off": not value, "source": source, "ruleId": ""} | more
