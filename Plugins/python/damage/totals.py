"""What all reports together say of one quantity: Swift's ReportedTotal, to the last word. The method and its sources:
docs/damage-method.md; shared vectors hold both to it.

What one operator lost at one time counts once, whoever tells of it, by the middle of what the sources say; losses add up; and
what in sum is more than can be is left out, of whoever said most.
"""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from casus_client import parse_time

from .bounds import Estimate, whole
from .plausibility import MANKIND, digits, most_of

_LOSSES = {
    "outage": 0, "degradation": 0, "loss-of-control": 0, "loss-of-view": 0, "physical-damage": 0, "data-loss": 1,
    "data-theft": 1, "other": 2,
}
"""What kind of loss an effect is: these add up within one operator."""

_COUNTS = ("users", "deaths", "injured", "records")


class Figure(NamedTuple):
    """What one report says of one quantity, and what tells which loss it speaks of."""

    source: str
    operator: str
    nation: Optional[str]
    part: Tuple[int, str, str]
    report: str
    started: int
    ended: float
    reported: int
    first: int
    """When it, or what it has taken the place of, came first: a sequence."""
    value: float
    low: float
    high: float

    @classmethod
    def read(
        cls, data: Dict[str, Any], source: str, first: int, estimate: Dict[str, Any], is_doubtful: bool = False
    ) -> "Figure":
        """`is_doubtful`: nothing of it is established."""
        bounds, value = Estimate.read(estimate), float(estimate["value"])
        low = 0.0 if is_doubtful else min(float(bounds.low), value)
        part = (
            _LOSSES[data["kind"]], data.get("service", {}).get("name", ""), data.get("asset", {}).get("id", ""),
        )
        return cls(
            source, data["operator"], data.get("nation"), part, data["report"], parse_time(data["started"]),
            parse_time(data["ended"]) if "ended" in data else math.inf, parse_time(data["reported"]), first,
            value, low, max(float(bounds.high), value),
        )


class Account(NamedTuple):
    """What one agency says of a loss, over all the parts that it tells apart."""

    source: str
    """The agency's only source that speaks here, or `//agency`."""
    first: int
    """When it spoke first of the loss."""
    value: float
    low: float
    high: float


class Loss(NamedTuple):
    """What one operator lost at one time; its accounts by value, then by who spoke first."""

    operator: str
    nation: Optional[str]
    accounts: List[Account]

    @property
    def middle(self) -> Account:
        """The one that counts; of an even number without the one that spoke last, so that one who comes later moves no
        middle of an odd number."""
        place, accounts = (len(self.accounts) - 1) // 2, self.accounts
        if len(accounts) % 2:
            return accounts[place]
        last = max(range(len(accounts)), key=lambda number: (accounts[number].first, number))
        return accounts[place if place < last else place + 1]

    @property
    def value(self) -> float:
        return self.middle.value

    @property
    def low(self) -> float:
        return min(account.low for account in self.accounts)

    @property
    def high(self) -> float:
        return max(account.high for account in self.accounts)

    @property
    def differs(self) -> bool:
        return any(account[2:] != self.accounts[0][2:] for account in self.accounts)


class Excess(NamedTuple):
    """What was left out of one source, since all reports together say more than can be."""

    quantity: str
    nation: Optional[str]
    said: float
    most: float
    source: str
    accounts: int

    @property
    def line(self) -> str:
        place = f" in {self.nation}" if self.nation is not None else ""
        figures = f"{self.accounts} figure{'' if self.accounts == 1 else 's'}"
        return (
            f"Left out as implausible together: {self.quantity} {digits(self.said)}{place}, of at most "
            f"{digits(self.most)}; {figures} of {self.source}."
        )


class Total:
    """Of figures in the incident's order. `quantity`: users, records, money, deaths or injured; any other has no limit."""

    def __init__(self, quantity: str, figures: Sequence[Figure], currency: Optional[str] = None) -> None:
        figures = _by_agency(figures)
        if quantity in _COUNTS:
            figures = [figure._replace(value=whole(figure.value), low=whole(figure.low), high=whole(figure.high))
                       for figure in figures]
        own: List[_OwnLoss] = []
        for part in _uniqued((figure.source, figure.operator, figure.part) for figure in figures):
            own += _own_losses([(place, figure) for place, figure in enumerate(figures)
                                if (figure.source, figure.operator, figure.part) == part])
        self.repeats = sum(loss.repeats for loss in own)
        self.losses: List[Loss] = []
        self.excesses: List[Excess] = []
        self.has_gaps = False
        """Whether all that was said of a loss was left out, so that nothing tells how large it was."""
        for operator in _uniqued(figure.operator for figure in figures):
            told = [loss for loss in own if figures[loss.place].operator == operator]
            nation = next((figure.nation for figure in figures if figure.operator == operator and figure.nation), None)
            self.losses += [
                Loss(operator, nation, _accounts(cluster, figures)) for cluster in _clusters(told, lambda loss: loss.span)
            ]
        if quantity in ("users", "deaths", "injured"):
            for name in sorted({loss.nation or "" for loss in self.losses}):
                self._reduce(quantity, most_of(quantity, name or None), name or None,
                             lambda loss, name=name: (loss.nation or "") == name)
            self._reduce(quantity, MANKIND, None, lambda loss: True)
        elif quantity in ("records", "money"):
            self._reduce(quantity, most_of(quantity, currency=currency), None, lambda loss: True)

    def _reduce(
        self, quantity: str, most: float, nation: Optional[str], is_counted: Callable[[Loss], bool]
    ) -> None:
        """Leaves out the largest account of whoever said most, until the rest can be; then of the next."""

        def upper() -> float:
            return _sum(loss.high for loss in self.losses if is_counted(loss))

        said = upper()
        if not said > most:
            return
        by_source: Dict[str, float] = {}
        for loss in self.losses:
            if is_counted(loss):
                for account in loss.accounts:
                    by_source[account.source] = by_source.get(account.source, 0.0) + account.high
        order = sorted(by_source, key=lambda source: (-by_source[source], source))
        while upper() > most:
            heaviest = order[0]
            found = [
                (-account.high, place, account) for place, loss in enumerate(self.losses) if is_counted(loss)
                for account in loss.accounts if account.source == heaviest
            ]
            if not found:
                del order[0]
                continue
            _, place, account = min(found, key=lambda entry: entry[:2])
            self.losses[place].accounts.remove(account)
            if not self.losses[place].accounts:
                del self.losses[place]
                self.has_gaps = True
            for number, excess in enumerate(self.excesses):
                if (excess.source, excess.nation, excess.most) == (heaviest, nation, most):
                    self.excesses[number] = excess._replace(accounts=excess.accounts + 1)
                    break
            else:
                self.excesses.append(Excess(quantity, nation, said, most, heaviest, 1))

    def counts(self, source: str, operator: str) -> bool:
        """Whether anything that a source's agency says of an operator is in it."""
        return any(loss.operator == operator
                   and any(_agency(account.source) == _agency(source) for account in loss.accounts)
                   for loss in self.losses)

    @property
    def value(self) -> float:
        return _sum(loss.value for loss in self.losses)

    @property
    def low(self) -> float:
        return _sum(loss.low for loss in self.losses)

    @property
    def established(self) -> float:
        """At least so much, by the accounts that count: what is disputed by one who comes later stays."""
        return _sum(loss.middle.low for loss in self.losses)

    @property
    def high(self) -> float:
        return _sum(loss.high for loss in self.losses)

    @property
    def notes(self) -> List[str]:
        """Who says how much of it, how sources differ, and what was counted once; empty where there is nothing to tell."""
        notes = self._shares()
        differing = [loss for loss in self.losses if loss.differs]
        if differing:
            first = differing[0]
            more = f", and on {len(differing) - 1} more" if len(differing) > 1 else ""
            notes.append(
                f"{len(first.accounts)} sources differ on {first.operator}, {digits(first.low)} to {digits(first.high)}{more}"
            )
        if self.repeats:
            reports = f"{self.repeats} report{'' if self.repeats == 1 else 's'}"
            notes.append(f"{reports} of what may be the same loss counted once")
        return notes

    def _shares(self) -> List[str]:
        total = self.value
        if not total > 0:
            return []
        alone: Dict[str, float] = {}
        several = 0.0
        for loss in self.losses:
            if len(loss.accounts) == 1:
                source = loss.accounts[0].source
                alone[source] = alone.get(source, 0.0) + loss.value
            else:
                several += loss.value

        def percent(part: float) -> str:
            return f"{math.floor(part * 100 / total + 0.5)} %"

        order = sorted(alone.items(), key=lambda entry: (-entry[1], entry[0]))
        parts = [f"{percent(value)} by {source} alone" for source, value in order[:3]]
        if len(order) > 3:
            parts.append(f"{percent(_sum(value for _, value in order[3:]))} by {len(order) - 3} more, each alone")
        if several > 0:
            parts.append(f"{percent(several)} by several sources")
        return [", ".join(parts)]


def _agency(source: str) -> str:
    """`//jp.nisc` of `//jp.nisc/suricata-1`."""
    return "/".join(source.split("/")[:3])


def _by_agency(figures: Sequence[Figure]) -> List[Figure]:
    """What an agency says with several keys is its one account: named by the only source that speaks, or by the agency."""
    sources: Dict[str, Set[str]] = {}
    for figure in figures:
        sources.setdefault(_agency(figure.source), set()).add(figure.source)
    return [figure if len(sources[_agency(figure.source)]) == 1 else figure._replace(source=_agency(figure.source))
            for figure in figures]


class _Span(NamedTuple):
    """A stretch of time, and the first report that tells of it."""

    place: int
    start: int
    end: float


class _OwnLoss(NamedTuple):
    """What one source says of one part of an operator at one time. `place` is its newest report's."""

    place: int
    value: float
    low: float
    high: float
    span: _Span
    first: int
    repeats: int


def _own_losses(figures: Sequence[Tuple[int, Figure]]) -> List[_OwnLoss]:
    """Of figures that are one part's: those that overlap in time may tell of one loss. The newest says how large it was, the
    others how far that may be wrong; a later report of the same number takes an earlier one's place."""
    losses = []
    for cluster in _clusters(figures, lambda entry: _Span(entry[0], entry[1].started, entry[1].ended)):
        standing: Dict[str, Tuple[int, Figure]] = {}
        for place, figure in cluster:
            known = standing.get(figure.report)
            if known is None or (figure.reported, place) > (known[1].reported, known[0]):
                standing[figure.report] = (place, figure)
        place, newest = max(standing.values(), key=lambda entry: (entry[1].reported, entry[0]))
        span = _Span(
            min(place for place, _ in cluster), min(figure.started for _, figure in cluster),
            max(figure.ended for _, figure in cluster),
        )
        losses.append(_OwnLoss(
            place, newest.value, min(figure.low for _, figure in standing.values()),
            max(figure.high for _, figure in standing.values()), span, min(figure.first for _, figure in cluster),
            len(standing) - 1,
        ))
    return losses


def _accounts(told: Sequence[_OwnLoss], figures: Sequence[Figure]) -> List[Account]:
    accounts: Dict[str, Account] = {}
    for loss in told:
        source = figures[loss.place].source
        known = accounts.get(source, Account(source, loss.first, 0.0, 0.0, 0.0))
        accounts[source] = Account(
            source, min(known.first, loss.first), known.value + loss.value, known.low + loss.low, known.high + loss.high
        )
    return sorted(accounts.values(), key=lambda account: (account.value, account.first, account.source))


def _clusters(elements: Sequence[Any], span: Callable[[Any], _Span]) -> List[List[Any]]:
    """What overlaps in time, together: in order of their beginnings."""
    clusters: List[List[Any]] = []
    end = -math.inf
    for element in sorted(elements, key=lambda element: (span(element).start, span(element).place)):
        if clusters and span(element).start <= end:
            clusters[-1].append(element)
        else:
            clusters.append([element])
        end = max(end, span(element).end)
    return clusters


def _uniqued(names: Any) -> List[Any]:
    return list(dict.fromkeys(names))


def _sum(numbers: Any) -> float:
    """One after another, as Swift adds: `sum` rounds better since Python 3.12."""
    total = 0.0
    for number in numbers:
        total += number
    return total
