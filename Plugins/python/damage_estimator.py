#!/usr/bin/env python3
"""A damage estimator by bounds: what an incident's damage is at least, and at worst, on two published scales.

It reads incidents and effect reports, and publishes one casus.damage.v1 for each revision of an incident. Where the
project's own estimator draws samples over seven scales, this one takes two (PPD-41, EuRepoC) and computes exact
bounds: an input that nobody knows may be anything, and the result says which answer would narrow it most.

A pure fold: ids follow from the inputs, `time` is the latest of theirs. Settings: {"policy": FILE}, absent: the
sample policy beside the package `damage`. Cost: microseconds an incident; memory: the effect reports seen.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from casus_client import (
    MARKS, AnalyzerRun, Client, Event, Fold, derived_id, format_time, main, make_event, may_replace, parse_time,
    sha256_hex, strictest,
)
from damage.assessment import assess
from damage.facts import Report
from damage.plausibility import left_out, without_implausible
from damage.policy import Policy, read_policy

METHOD = "bounds-by-decision-table"
VERSION = "1.0.0"
TYPES = ("casus.incident.v1", "casus.effect.v1")
MOST_REASONS = 12
"""Of a confidence, less than its schema takes."""

Key = Tuple[str, str]


class Effect(NamedTuple):
    """An effect report as it is kept: the event's data and what its envelope says."""

    data: Dict[str, Any]
    ref: Dict[str, Any]
    time: int
    tlp: str
    is_exercise: bool
    marks: int


class Previous(NamedTuple):
    """What was said of an incident before."""

    revision: int
    ref: Dict[str, Any]
    findings: Dict[str, Any]


class DamageEstimator(Fold):
    """The state of the fold: effect reports by source and id, and the last assessment of each incident."""

    def __init__(self, source: str, policy: Policy) -> None:
        self._source = source
        self._policy = policy
        self._effects: Dict[Key, Effect] = {}
        self._superseded: Dict[Tuple[Key, int], Key] = {}
        """By the marks too: an exercise's or a replayed correction leaves the real report where it is."""
        self._previous: Dict[Key, Previous] = {}
        self._origins: Dict[str, Tuple[str, int]] = {}

    def handle(self, event: Event) -> List[bytes]:
        if event.type == "casus.effect.v1":
            self._learn(event)
            return []
        if event.type == "casus.incident.v1":
            return self._judge(event)
        return []

    def _learn(self, event: Event) -> None:
        key = (event.source, event.id)
        envelope = event.json
        marks = event.flags & MARKS
        exercise = envelope.get("exercise") is True
        time = parse_time(envelope["time"])
        # The first of a name stays: what comes later under it is a copy.
        self._effects.setdefault(key, Effect(event.data, event.reference, time, envelope["tlp"], exercise, marks))
        earlier = event.data.get("supersedes")
        if earlier is not None and may_replace(event.source, earlier["source"]):
            old = (earlier["source"], earlier["id"])
            if old != key:
                self._superseded[(old, marks)] = key

    def _latest(self, ref: Dict[str, Any]) -> Optional[Effect]:
        """The report that stands for the one named: its last revision. None when it was not seen as named."""
        key = (ref["source"], ref["id"])
        effect = self._effects.get(key)
        if effect is None or effect.ref["sha256"] != ref["sha256"]:
            return None
        passed = {key}
        while (newer := self._superseded.get((key, effect.marks))) is not None and newer not in passed:
            key = newer
            passed.add(key)
        return self._effects[key]

    def _judge(self, event: Event) -> List[bytes]:
        incident = event.data
        key = (event.source, incident["incident"])
        # An incident is its first correlator's, and stays in its world: exercise, replayed and live evidence never meet.
        origin = self._origins.setdefault(incident["incident"], (event.source, event.flags & MARKS))
        if not may_replace(event.source, origin[0]) or event.flags & MARKS != origin[1]:
            return []
        previous = self._previous.get(key)
        if previous is not None and incident["revision"] <= previous.revision:
            return []  # A straggler: a later revision has been assessed already.
        effects: Dict[Key, Effect] = {}
        reports: List[Report] = []
        for ref in incident["effects"]:
            effect = self._latest(ref)
            if effect is None:
                reports.append(Report(None, ref))
                continue
            place = (effect.ref["source"], effect.ref["id"])
            if place not in effects:
                effects[place] = effect
                if "withdrawal" not in effect.data:
                    reports.append(Report(without_implausible(effect.data), effect.ref))
        used = list(effects.values())
        envelope = event.json
        refs = [event.reference] + [effect.ref for effect in used][:63]
        moment = max([parse_time(envelope["time"])] + [effect.time for effect in used])
        findings = assess(incident, reports, self._policy, moment, previous.findings if previous else None)
        reasons = findings["confidence"]["reasons"]
        counted = [effect.data for effect in used if "withdrawal" not in effect.data]
        findings["confidence"]["reasons"] = reasons + left_out(counted, MOST_REASONS - len(reasons))
        data: Dict[str, Any] = {
            **findings,
            "incident": incident["incident"],
            "revision": incident["revision"],
            "method": {
                "name": METHOD, "version": VERSION, "author": self._policy.author,
                "parameters_sha256": self._policy.sha256,
            },
            "refs": refs,
        }
        if previous is not None:
            data["supersedes"] = previous.ref
        identity = derived_id(
            "damage", METHOD, VERSION, self._policy.sha256, *(ref["sha256"] for ref in refs),
            previous.ref["sha256"] if previous else "",
        )
        id = f"{identity}-r{incident['revision']}"
        text = make_event(
            "casus.damage.v1", data, source=self._source, id=id, subject=incident["incident"],
            time=format_time(moment), tlp=strictest([envelope["tlp"]] + [effect.tlp for effect in used]),
            exercise=envelope.get("exercise") is True or any(effect.is_exercise for effect in used),
            correlationid=envelope.get("correlationid"), causationid=event.id,
        )
        ref = {"source": self._source, "id": id, "sha256": sha256_hex(text)}
        self._previous[key] = Previous(incident["revision"], ref, findings)
        return [text]


def estimate(bus: Client) -> None:
    policy = read_policy(bus.settings.get("policy"))
    AnalyzerRun(bus, DamageEstimator(bus.source, policy), TYPES, "damage-bounds").run()


if __name__ == "__main__":
    main(
        estimate, program="damage-estimator-py", version=VERSION,
        summary="Damage by bounds on PPD-41 and EuRepoC.", publishes=["casus.damage.v1"], subscribes=TYPES,
    )
