"""What an incident and its effect reports establish and exclude, as bounded inputs.

Nothing here knows a scale. "What is unknown is left out, never zero" (casus.effect.v1): what a report does not say
stays open up to the worst, and so does a report that the incident names and nobody has seen.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence

from casus_client import parse_time

from .bounds import Bound, Estimate, worst
from .totals import Figure, Total

PHASES = ("prepare", "engage", "presence", "effect")
DAY = 86_400_000_000_000

NAMES = {
    "phase": ("preparation", "engagement", "presence", "effect"),
    "critical": ("no critical infrastructure", "critical infrastructure"),
    "importance": ("not of very high political importance", "of very high political importance"),
    "control": ("none", "access, not used", "system misuse"),
    "theft": ("none", "non-sensitive", "sensitive"),
    "integrity": ("untouched", "data destroyed or altered"),
    "availability": ("available", "degraded", "denied"),
    "duration": ("none", "less than 24 h", "24 h or more"),
    "reach": ("local", "wide scale"),
    "physical": ("none", "local", "widespread"),
    "physical_duration": ("none", "less than 24 h", "24 h or more"),
    "lives": ("nobody harmed", "injured", "deaths"),
}
"""The inputs and their ordered values, the least harm first."""

_AVAILABILITY = {
    "outage": (2, 2), "degradation": (1, 1), "loss-of-control": (1, 2), "loss-of-view": (1, 2), "data-loss": (0, 2),
    "data-theft": (0, 0), "physical-damage": (0, 2), "other": (0, 2),
}
_MALICE = {"malicious-action": "yes", "unknown": "maybe"}


class Report(NamedTuple):
    """An effect report: the event's data and the reference to it. `data` None: named, but not seen."""

    data: Optional[Dict[str, Any]]
    ref: Dict[str, Any]
    first: int = 0
    """When it, or what it has taken the place of, came first: a sequence."""


def facts(incident: Dict[str, Any], reports: Sequence[Report], policy: Mapping[str, Any]) -> Dict[str, Bound]:
    """Every input of NAMES. `reports` without those that were withdrawn; `incident` is the event's data."""
    counted = [report for report in reports if report.data is None or report.data["cause"] in _MALICE]
    phase = PHASES.index(incident["phase"])
    reader = _Reader(phase, counted, _techniques(incident, policy), policy, bool(incident["techniques"]))
    said = f"the incident's phase is {incident['phase']}"
    bounds = {
        "phase": Bound(phase, phase, said),
        "critical": _critical(incident, counted),
        "importance": Bound(0, 1, "a person's judgement that nobody gave"),
        "control": reader.control(said),
        "theft": reader.theft(said),
        "integrity": reader.integrity(said),
        "availability": reader.of_reports(_availability, 2, said),
        "duration": reader.of_reports(_duration, 2, said),
        "physical": reader.physical(said),
        "physical_duration": reader.of_reports(_repair, 2, said),
        "lives": reader.of_reports(_lives, 2, said),
    }
    if bounds["physical"].high == 0:
        bounds["physical_duration"] = bounds["physical"]._replace(basis="nothing is damaged")
    elif bounds["physical"].low > 0 and bounds["physical_duration"].low == 0:
        length = bounds["physical_duration"]
        bounds["physical_duration"] = length._replace(low=1, high=max(1, length.high))
    disturbed = max(bounds["availability"].high, bounds["physical"].high)
    bounds["reach"] = _reach(counted, phase, policy["wide_scale"]) if disturbed else Bound(0, 0, "no service is affected")
    return bounds


class _Reader:
    def __init__(
        self, phase: int, reports: Sequence[Report], seen: Mapping[str, float], policy: Mapping[str, Any],
        has_techniques: bool,
    ) -> None:
        self.phase = phase
        self.has_techniques = has_techniques
        self.reports = reports
        self.seen = seen
        self.certain = policy["technique_probability"]["seen_from"]
        self.possible = policy["technique_probability"]["possible_from"]

    def of_reports(self, read: Callable[[Dict[str, Any]], Bound], top: int, said: str) -> Bound:
        """What the operators report; before the phase effect and without a report there is none."""
        unseen = Bound(0, top, "a report that the incident names was not seen")
        found = [unseen._replace(refs=(report.ref,)) if report.data is None else _doubt(read(report.data), report)
                 for report in self.reports]
        nobody = "no operator has reported"
        return worst(found, Bound(0, top, nobody) if self.phase == 3 else Bound(0, 0, f"{said}, and {nobody}"))

    def control(self, said: str) -> Bound:
        probability = self.seen["misuse"]
        if probability >= self.certain:
            return Bound(2, 2, f"controls were operated (techniques seen, probability {probability:g})")
        if self.phase < 2:
            return Bound(0, 2 if probability >= self.possible else 0, said)
        if not self.has_techniques:
            # Most services are lost to floods from outside.
            return Bound(0, 2, f"{said}, and nobody was seen inside; an intruder is not excluded")
        return Bound(1, 2, f"{said}; misuse is not shown and not excluded")

    def theft(self, said: str) -> Bound:
        return self._data("theft", "data-theft", 2, said, "how sensitive the data are, nobody says")

    def integrity(self, said: str) -> Bound:
        return self._data("integrity", "data-loss", 1, said, "")

    def _data(self, what: str, kind: str, top: int, said: str, open_question: str) -> Bound:
        probability = self.seen[what]
        suffix = f"; {open_question}" if open_question else ""
        found: List[Bound] = []
        for report in self.reports:
            if report.data is not None and report.data["kind"] == kind:
                found.append(_doubt(Bound(1, top, f"reported by {report.data['operator']}{suffix}"), report))
        if probability >= self.certain:
            found.append(Bound(1, top, f"techniques for it were seen, probability {probability:g}{suffix}"))
        if self.phase >= 2:
            found.append(Bound(0, top, f"{said}, so it is not excluded"))
        elif probability >= self.possible:
            found.append(Bound(0, top, f"techniques for it are possible, probability {probability:g}"))
        return worst(found, Bound(0, 0, said))

    def physical(self, said: str) -> Bound:
        bound = self.of_reports(_physical, 2, said)
        if bound.low == 0 and self.seen["damage"] >= self.certain:
            return bound._replace(low=1, high=2, basis=f"a technique that damages property was seen; {bound.basis}")
        return bound


def _techniques(incident: Dict[str, Any], policy: Mapping[str, Any]) -> Dict[str, float]:
    """The highest probability among an incident's techniques of each kind; a sub-technique counts as its parent."""
    seen = {}
    for kind, ids in policy["techniques"].items():
        probabilities = [found["probability"] for found in incident["techniques"] if found["id"].split(".")[0] in ids]
        seen[kind] = max(probabilities, default=0)
    return seen


def _doubt(bound: Bound, report: Report) -> Bound:
    """A report whose cause is unknown counts in the worst case only."""
    basis = bound.basis
    if report.data is not None and _MALICE[report.data["cause"]] == "maybe":
        bound = bound._replace(low=0)
        basis = f"{basis} (cause unknown)"
    return bound._replace(basis=basis, refs=(report.ref,))


def _critical(incident: Dict[str, Any], reports: Sequence[Report]) -> Bound:
    sectors = list(incident["sectors"]) + [victim["sector"] for victim in incident["victims"] if "sector" in victim]
    sectors += [report.data["sector"] for report in reports if report.data is not None and "sector" in report.data]
    if sectors:
        return Bound(1, 1, f"sector {sectors[0]}")
    services = [report.data.get("service", {}) for report in reports if report.data is not None]
    essential = [found.get("essential") for found in list(incident["victims"]) + services]
    if True in essential:
        return Bound(1, 1, "an essential service")
    if essential and all(found is False for found in essential):
        return Bound(0, 0, "no victim runs an essential service")
    return Bound(0, 1, "no sector is named")


def _availability(data: Dict[str, Any]) -> Bound:
    denied = data.get("service", {}).get("denied")
    if denied is not None:
        return Bound(*((2, 2) if denied else (1, 1)), f"reported by {data['operator']}")
    return Bound(*_AVAILABILITY[data["kind"]], f"{data['kind']} reported by {data['operator']}")


def _duration(data: Dict[str, Any]) -> Bound:
    available = _availability(data)
    if available.high == 0:
        return available
    begin = parse_time(data["started"])
    if "ended" in data:
        days = (parse_time(data["ended"]) - begin) / DAY
        length = 1 if days < 1 else 2
        bound = Bound(length, length, f"over after {days * 24:.1f} h")
    elif parse_time(data["reported"]) - begin >= DAY:
        bound = Bound(2, 2, "not over 24 h after it began")
    else:
        bound = Bound(1, 2, "not over when it was reported")
    return bound if available.low else bound._replace(low=0)


def _physical(data: Dict[str, Any]) -> Bound:
    extent = data.get("physical_damage", {}).get("extent")
    said = f"reported by {data['operator']}"
    if extent in ("none", "local", "widespread"):
        level = ("none", "local", "widespread").index(extent)
        return Bound(level, level, said)
    if data["kind"] == "physical-damage":
        return Bound(1, 2, f"{said}, without its extent")
    return Bound(0, 2, f"{data['operator']} does not say")


def _repair(data: Dict[str, Any]) -> Bound:
    extent = _physical(data)
    if extent.high == 0:
        return extent
    if "repair_days" not in data.get("physical_damage", {}):
        return Bound(1 if extent.low else 0, 2, f"{data['operator']} does not say")
    days = Estimate.read(data["physical_damage"]["repair_days"])
    low, high = (1 if days.low < 1 else 2), (1 if days.high < 1 else 2)
    return Bound(low if extent.low else 0, high, f"repair takes {_range(days.low, days.high)} days")


def _lives(data: Dict[str, Any]) -> Bound:
    casualties = data.get("casualties", {})
    ranges = {}
    for harm in ("deaths", "injured"):
        ranges[harm] = Estimate.read(casualties[harm]).whole if harm in casualties else None
    deaths, injured = ranges["deaths"], ranges["injured"]
    low = 2 if deaths and deaths.low > 0 else 1 if injured and injured.low > 0 else 0
    high = 2 if not deaths or deaths.high > 0 else 1 if not injured or injured.high > 0 else 0
    told = f"reported by {data['operator']}" if casualties else f"{data['operator']} does not say"
    return Bound(low, high, told)


def _reach(reports: Sequence[Report], phase: int, sizes: Mapping[str, Any]) -> Bound:
    """Wide scale when all reports together reach the policy's number of users or of megawatts."""
    figures: Dict[str, List[Figure]] = {"users": [], "megawatts": []}
    silent = 0 if reports or phase < 3 else 1
    said: List[Report] = []
    for report in reports:
        found = _sizes(report.data) if report.data is not None else {}
        if report.data is None or not found:
            silent += 1
            continue
        said.append(report)
        doubtful = _MALICE[report.data["cause"]] == "maybe"
        for unit, size in found.items():
            figures[unit].append(Figure.read(report.data, report.ref.get("source", ""), report.first, size, doubtful))
    totals = {unit: Total(unit, said) for unit, said in figures.items()}
    refs = [report.ref for report in said if any(
        total.counts(report.ref.get("source", ""), report.data["operator"]) for total in totals.values())]
    left_out = [excess.line for total in totals.values() for excess in total.excesses]
    low = int(any(total.established >= sizes[unit] for unit, total in totals.items()))
    is_open = bool(low or silent or any(total.has_gaps for total in totals.values()))
    high = int(is_open or any(total.high >= sizes[unit] for unit, total in totals.items()))
    parts = [f"{_range(total.established, total.high)} {unit}" for unit, total in totals.items() if total.high]
    if silent:
        parts.append("a report without users or megawatts" if reports else "no operator has reported")
    basis = ", ".join(parts) + f"; wide scale from {sizes['users']} users or {sizes['megawatts']} MW"
    notes = list(dict.fromkeys(f"{unit}: {note}" for unit, total in totals.items() for note in total.notes))
    if left_out:
        notes.append("more than can be was left out")
    return Bound(low, high, "; ".join([basis] + notes), tuple(refs[:8]), tuple(left_out))


def _range(low: float, high: float) -> str:
    least, most = (str(int(value)) if value == int(value) else f"{value:g}" for value in (low, high))
    return least if least == most else f"{least} to {most}"


def _sizes(data: Dict[str, Any]) -> Dict[str, Dict[str, Any]]:
    found = {}
    if "users_affected" in data:
        found["users"] = data["users_affected"]
    power = [entry["amount"] for entry in data["capacity_lost"] if entry["unit"] == "MW"]
    if power:
        bounds = [Estimate.read(amount) for amount in power]
        found["megawatts"] = {
            "value": sum(amount["value"] for amount in power), "low": sum(size.low for size in bounds),
            "high": sum(size.high for size in bounds),
        }
    return found
