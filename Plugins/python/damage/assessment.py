"""From bounded inputs to what is said of an incident's damage."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

from casus_client import parse_time

from .bounds import Bound
from .facts import NAMES, PHASES, Report, facts
from .plausibility import fitting, lines, without_implausible
from .policy import Policy
from .scales import eurepoc, eurepoc_result, ppd41, ppd41_result, unknowns

SIX_HOURS = 6 * 3_600_000_000_000
MOST_REASONS = 12
"""Of a confidence, less than its schema takes."""

QUESTIONS = {
    "critical": "Which sector do the victims belong to, and is the service an essential one?",
    "importance": "Is the target of very high political importance? A person decides.",
    "control": "Did the intruder operate systems, or only have access to them?",
    "theft": "Were data taken, and how sensitive are they?",
    "integrity": "Were data destroyed or altered?",
    "availability": "Is the service available, degraded or denied?",
    "duration": "Since when, and until when, is the service disturbed?",
    "reach": "How many users are affected, or how many megawatts are lost?",
    "physical": "Is anything damaged physically, and how far does that reach?",
    "physical_duration": "How long will repairs take?",
    "lives": "Were people injured or killed?",
}


def assess(
    incident: Dict[str, Any], told: Sequence[Report], policy: Policy, moment: int, before: Optional[Sequence[float]]
) -> Dict[str, Any]:
    """The members of casus.damage.v1 that say how bad it is. `told` are the reports as they came, `moment` is the
    assessment's time in nanoseconds, `before` what was `established` by the revision before."""
    reports = [report if report.data is None else report._replace(data=without_implausible(report.data)) for report in told]
    table = policy.content["ppd41"]
    inputs = facts(incident, reports, policy.content)
    if incident["state"] == "retracted":
        inputs = {name: Bound(0, 0, "the incident was retracted") for name in NAMES}
    elif _uncounted(incident):
        inputs = _widened(inputs, _uncounted(incident))
    scales = [ppd41(table), eurepoc()]
    results = [ppd41_result(scales[0], table, inputs, policy.author), eurepoc_result(scales[1], inputs)]
    operators = _operators(reports)
    open_inputs = unknowns(scales, inputs)
    outlook, outlook_reasons = _outlook(incident, reports, moment, results, before)
    return {
        "scales": results,
        "unknown_inputs": [
            {"name": name.replace("_", " "), "scales": concerned, "question": f"{QUESTIONS[name]}{'' if name == 'importance' else f' Ask {operators}.'}"}
            for name, concerned in open_inputs
        ],
        "outlook": outlook,
        "outlook_reasons": outlook_reasons,
        "confidence": _confidence(incident, told, open_inputs, inputs["reach"].left_out),
        "summary": _summary(incident, results, open_inputs),
    }


def _uncounted(incident: Dict[str, Any]) -> int:
    """Reports that the incident's list has no room for: nothing is estimated of them."""
    return max(0, incident["effect_count"] - len(incident["effects"]))


def _more(count: int) -> str:
    return f"{count} more report{' is' if count == 1 else 's are'} not counted"


def _widened(inputs: Dict[str, Bound], count: int) -> Dict[str, Bound]:
    """Reports that the incident does not name may say anything."""
    reason = f"at least: {_more(count)}"
    return {
        name: bound if name in ("phase", "critical", "importance") else
        bound._replace(high=len(NAMES[name]) - 1, basis=f"{bound.basis}; {reason}")
        for name, bound in inputs.items()
    }


def _operators(reports: Sequence[Report]) -> str:
    names: List[str] = []
    for report in reports:
        if report.data is not None and report.data["operator"] not in names:
            names.append(report.data["operator"])
    return ", ".join(names[:5]) if names else "the victims"


def _outlook(
    incident: Dict[str, Any], reports: Sequence[Report], moment: int, results: Sequence[Dict[str, Any]],
    before: Optional[Sequence[float]],
) -> Tuple[str, List[str]]:
    """The next six hours. Worse than the revision before outweighs what operators expect."""
    if incident["state"] == "retracted":
        return "stable", ["The incident was retracted."]
    if before is not None:
        rises = [
            f"{result['title']}: what is established rose from {old:g} to {new:g}."
            for result, new, old in zip(results, established(results), before)
            if new > old
        ]
        if rises:
            return "worsening", rises
    told = [report.data for report in reports if report.data is not None]
    disturbing = [data for data in told if data["kind"] != "data-theft"]
    if not disturbing:
        nothing = "No operator reports a disturbed service."
        if PHASES.index(incident["phase"]) < 2:
            return "unknown", [nothing]
        return "unknown", [nothing, "An intruder who is in a network can disturb one at any time."]
    ends = [data.get("ended") or data.get("expected_restoration") for data in disturbing]
    if all(end is not None and parse_time(end) <= moment + SIX_HOURS for end in ends):
        return "improving", ["Every disturbed service is restored, or is expected to be within six hours."]
    if any(end is not None and parse_time(end) > moment for end in ends):
        return "stable", ["Operators expect to restore a service only after more than six hours."]
    return "stable", ["No operator says when a disturbed service will be restored."]


def established(results: Sequence[Dict[str, Any]]) -> List[float]:
    """What is established on each scale."""
    return [result["level"]["low"] if "level" in result else result["score"]["interval"]["low"] for result in results]


def _confidence(
    incident: Dict[str, Any], reports: Sequence[Report], open_inputs: Sequence[Tuple[str, List[str]]],
    left_out: Sequence[str],
) -> Dict[str, Any]:
    """How good the basis is, apart from how bad the damage is."""
    seen = sum(report.data is not None for report in reports)
    reasons = [f"{seen} of {incident['effect_count']} effect reports were read." if incident["effect_count"]
               else "No operator has reported an effect; the incident rests on sensors alone."]
    if incident["state"] == "retracted":
        return {"level": "high", "reasons": ["The incident was retracted by who reported it."]}
    reasons.append(f"{len(open_inputs)} inputs are not known." if open_inputs else "Every input is known.")
    if _uncounted(incident):
        more = _more(_uncounted(incident))
        reasons.append(f"{more}, since the incident does not name them: what is established is a lower bound.")
    implausible = list(left_out) + lines(report.data for report in reports if report.data is not None)
    reasons += fitting(implausible, MOST_REASONS - len(reasons))
    if not seen:
        return {"level": "low", "reasons": reasons}
    return {"level": "moderate" if open_inputs else "high", "reasons": reasons}


def _summary(
    incident: Dict[str, Any], results: Sequence[Dict[str, Any]], open_inputs: Sequence[Tuple[str, List[str]]]
) -> str:
    level, interval = results[0]["level"], results[1]["score"]["interval"]
    if incident["state"] == "retracted":
        return "The incident was retracted: no damage is ascribed to it."
    parts = [
        f"PPD-41: level {level['low']} ({level['name']}) is established"
        + (f", level {level['high']} is not excluded." if level["high"] > level["low"] else "."),
        f"EuRepoC intensity: {interval['low']:g}"
        + (f" to {interval['high']:g}." if interval["high"] > interval["low"] else "."),
    ]
    if open_inputs:
        names = ", ".join(name.replace("_", " ") for name, _ in open_inputs[:3])
        parts.append(f"What would narrow it most: {names}.")
    return " ".join(parts)
