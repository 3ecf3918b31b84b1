#!/usr/bin/env python3
"""A damage estimator by bounds: what an incident's damage is at least, and at worst, on two published scales.

It reads incidents and effect reports, and publishes one casus.damage.v1 for each revision of an incident. Where the
project's own estimator draws samples over seven scales, this one takes two (PPD-41, EuRepoC) and computes exact
bounds: an input that nobody knows may be anything, and the result says which answer would narrow it most.

A pure fold: ids follow from the inputs, `time` is the latest of theirs. Settings: {"policy": FILE}, absent: the
sample policy beside the package `damage`. Cost: microseconds an incident; memory: the last 10,000 effect reports
and some hundred bytes for each of the last 100,000 incidents, where whoever published most loses his oldest first.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from casus_client import (
    AnalyzerRun, Client, Event, Fold, Origin, SourceShelf, derived_id, format_time, main, make_event, parse_time,
    sha256_hex, strictest,
)
from damage.assessment import assess, established
from damage.facts import Report
from damage.policy import Policy, read_policy

METHOD = "bounds-by-decision-table"
VERSION = "2.0.0"
TYPES = ("casus.incident.v1", "casus.effect.v1")
MOST_EFFECTS = 10_000
MOST_INCIDENTS = 100_000
LONGEST_CHAIN = 1000
"""What an event has replaced leads to it in at most so many steps."""

Key = Tuple[str, str]


class Effect(NamedTuple):
    """An effect report as it is kept: the event's data and what its envelope says."""

    data: Dict[str, Any]
    ref: Dict[str, Any]
    time: int
    tlp: str
    is_exercise: bool
    origin: Origin
    first: int
    """When it, or what it has taken the place of, came first: a sequence."""
    newer: Optional[Key] = None
    """What has taken its place; `data` is empty then."""


class Incident(NamedTuple):
    """What is known of an incident: whose it is, and what was said of it last."""

    origin: Origin
    revision: int = 0
    ref: Optional[Dict[str, Any]] = None
    established: Optional[List[float]] = None


class DamageEstimator(Fold):
    """The state of the fold: effect reports by source and id, and the last assessment of each incident. Bounded as the
    project's other estimator is, by the same rule."""

    def __init__(
        self, source: str, policy: Policy, most_effects: int = MOST_EFFECTS, most_incidents: int = MOST_INCIDENTS
    ) -> None:
        self._source = source
        self._policy = policy
        self._effects: SourceShelf[Key, Effect] = SourceShelf(most_effects)
        self._incidents: SourceShelf[str, Incident] = SourceShelf(most_incidents)
        self._missing = 0

    @property
    def note(self) -> Optional[str]:
        """What an assessment rests on no more since it was forgotten; None where nothing is missing, or nothing ever was."""
        forgotten = self._effects.fallen.note("reports")
        if not self._missing or forgotten is None:
            return None
        return f"an incident names {self._missing} reports that are not here any more; {forgotten}"

    def __len__(self) -> int:
        """Effect reports and incidents that are kept."""
        return len(self._effects) + len(self._incidents)

    def handle(self, event: Event) -> List[bytes]:
        if event.type == "casus.effect.v1":
            self._learn(event)
            return []
        if event.type == "casus.incident.v1":
            return self._judge(event)
        return []

    def _learn(self, event: Event) -> None:
        key = (event.source, event.id)
        # The first of a name stays: what comes later under it is a copy.
        if key in self._effects:
            return
        first = event.sequence
        old = event.data.get("supersedes")
        if old is not None:
            old_key = (old["source"], old["id"])
            replaced = self._effects.get(old_key)
            if (replaced is not None and replaced.newer is None and replaced.ref["sha256"] == old["sha256"]
                    and event.origin.may_replace(replaced.origin)):
                first = min(first, replaced.first)
                # Its place is kept, what it said is not: a second one may not replace it as well.
                replaced = replaced._replace(data={}, newer=key)
                self._effects.insert(replaced, old_key, event.sender, event.source)
        envelope = event.json
        # Nothing is estimated from the excerpt of the operator's file, the largest part of most reports.
        data = {name: value for name, value in event.data.items() if name != "raw"}
        effect = Effect(
            data, event.reference, parse_time(envelope["time"]), envelope["tlp"], envelope.get("exercise") is True,
            event.origin, first,
        )
        self._effects.insert(effect, key, event.sender, event.source)

    def _latest(self, ref: Dict[str, Any]) -> Optional[Effect]:
        """The report that stands for the one named: its last revision. None when it was not seen as named, or is forgotten."""
        effect = self._effects.get((ref["source"], ref["id"]))
        if effect is None or effect.ref["sha256"] != ref["sha256"]:
            return None
        for _ in range(LONGEST_CHAIN):
            if effect is None or effect.newer is None:
                return effect
            effect = self._effects.get(effect.newer)
        return None

    def _judge(self, event: Event) -> List[bytes]:
        incident = event.data
        key = incident["incident"]
        known = self._incidents.get(key) or Incident(event.origin)
        # An incident is its first correlator's, and stays in its world: exercise, replayed and live evidence never meet.
        if not event.origin.may_replace(known.origin):
            return []
        if incident["revision"] <= known.revision:
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
                    reports.append(Report(effect.data, effect.ref, effect.first))
        self._missing = sum(report.data is None for report in reports)
        used = list(effects.values())
        envelope = event.json
        refs = [event.reference] + [effect.ref for effect in used][:63]
        moment = max([parse_time(envelope["time"])] + [effect.time for effect in used])
        findings = assess(incident, reports, self._policy, moment, known.established)
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
        if known.ref is not None:
            data["supersedes"] = known.ref
        identity = derived_id(
            "damage", METHOD, VERSION, self._policy.sha256, *(ref["sha256"] for ref in refs),
            known.ref["sha256"] if known.ref else "",
        )
        id = f"{identity}-r{incident['revision']}"
        text = make_event(
            "casus.damage.v1", data, source=self._source, id=id, subject=incident["incident"],
            time=format_time(moment), tlp=strictest([envelope["tlp"]] + [effect.tlp for effect in used]),
            exercise=envelope.get("exercise") is True or any(effect.is_exercise for effect in used),
            correlationid=envelope.get("correlationid"), causationid=event.id,
        )
        ref = {"source": self._source, "id": id, "sha256": sha256_hex(text)}
        said = Incident(known.origin, incident["revision"], ref, established(findings["scales"]))
        self._incidents.insert(said, key, event.sender, event.source)
        return [text]


def estimate(bus: Client) -> None:
    policy = read_policy(bus.settings.get("policy"))
    AnalyzerRun(bus, DamageEstimator(bus.source, policy), TYPES, "damage-bounds").run()


if __name__ == "__main__":
    main(
        estimate, program="damage-estimator-py", version=VERSION,
        summary="Damage by bounds on PPD-41 and EuRepoC.", publishes=["casus.damage.v1"], subscribes=TYPES,
    )
