"""Reported numbers outside of what can be, by the window of Swift's Effect+Plausibility.swift: shared vectors hold both to it.

They stay on the record and are named; no estimate is made of them.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, NamedTuple, Optional, Sequence

from casus_client.events import parse_time

_PEOPLE = {"JP": 124_000_000, "US": 346_000_000}
_ANY_PEOPLE = 1_500_000_000
_RECORDS = 100_000_000_000
_MONEY = 1_000_000_000_000_000
_DOLLARS = 30_000_000_000_000
_REPAIR_DAYS = 3_660
_OUTAGE_DAYS = 366
_DAY = 86_400 * 1_000_000_000
MANKIND = 8_300_000_000
"""The people of all nations (2025, rounded up)."""


class Implausible(NamedTuple):
    what: str
    value: float
    most: float

    def __str__(self) -> str:
        return f"{self.what} {digits(self.value)}, of at most {digits(self.most)}"


def most_of(what: str, nation: Optional[str] = None, currency: Optional[str] = None) -> float:
    """The largest number of a quantity that is taken for plausible, of one nation where it is one of people."""
    if what in ("users", "deaths", "injured"):
        return _PEOPLE.get(nation or "", _ANY_PEOPLE)
    if what == "money":
        return _DOLLARS if currency == "USD" else _MONEY
    return {"records": _RECORDS, "days of repair": _REPAIR_DAYS, "days of outage": _OUTAGE_DAYS}[what]


def implausible(data: Dict[str, Any]) -> List[Implausible]:
    """An effect's numbers outside of the window; none for nearly all."""
    found: List[Implausible] = []

    def judge(what: str, estimate: Any, currency: Optional[str] = None) -> None:
        value = max(estimate["value"], estimate.get("high", estimate["value"])) if estimate else 0
        most = most_of(what, data.get("nation"), currency)
        if value > most:
            found.append(Implausible(what, value, most))

    if data["kind"] in ("outage", "degradation", "loss-of-control", "loss-of-view"):
        length = parse_time(data.get("ended", data["reported"])) - parse_time(data["started"])
        if length > _OUTAGE_DAYS * _DAY:
            # In whole numbers, so that no two readers round differently; half a day counts as one.
            found.append(Implausible("days of outage", (length + _DAY // 2) // _DAY, _OUTAGE_DAYS))
    money, harm = data.get("money", {}), data.get("casualties", {})
    judge("users", data.get("users_affected"))
    judge("records", data.get("records_affected"))
    judge("money", money.get("amount"), money.get("currency"))
    judge("deaths", harm.get("deaths"))
    judge("injured", harm.get("injured"))
    judge("days of repair", data.get("physical_damage", {}).get("repair_days"))
    return found


def left_out(effects: Iterable[Dict[str, Any]], room: int) -> List[str]:
    """What is said of those numbers in a judgement's reasons: at most `room` sentences, the last for all the others."""
    return fitting(lines(effects), room)


def lines(effects: Iterable[Dict[str, Any]]) -> List[str]:
    """The same without a limit."""
    return [
        f"Left out as implausible: {figure}, in report {data['report']} of {data['operator']}."
        for data in effects for figure in implausible(data)
    ]


def fitting(sentences: Sequence[str], room: int) -> List[str]:
    """At most `room` of some sentences, the last one for all the others."""
    if len(sentences) <= room:
        return list(sentences)
    kept = max(0, room - 1)
    return list(sentences[:kept]) + [f"And {len(sentences) - kept} more like the last."] * min(1, room)


def without_implausible(data: Dict[str, Any]) -> Dict[str, Any]:
    """The effect without those numbers: what an estimate is made of."""
    names = {figure.what for figure in implausible(data)}
    if not names:
        return data
    left = {"users": "users_affected", "records": "records_affected", "money": "money"}
    kept = {name: value for name, value in data.items() if name not in {left[what] for what in names & left.keys()}}
    for name, whats in (("casualties", {"deaths": "deaths", "injured": "injured"}),
                        ("physical_damage", {"repair_days": "days of repair"})):
        if name in kept:
            kept[name] = {member: value for member, value in kept[name].items() if whats.get(member) not in names}
    if "days of outage" in names:
        # How long is not known, then; that it is out is.
        kept["started"] = kept["reported"]
        kept.pop("ended", None)
        kept.pop("expected_restoration", None)
    return kept


def digits(number: float) -> str:
    """A whole number without a point; of a fraction the fewest digits that tell it."""
    return str(int(number)) if number == int(number) else str(number)
