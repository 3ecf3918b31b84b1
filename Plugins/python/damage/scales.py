"""Two published scales over bounded inputs: PPD-41 by a decision table, EuRepoC's intensity by interval arithmetic.

Both rise with every input, so the bounds of the inputs give the exact bounds of the result: no samples are drawn.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from .bounds import Bound
from .facts import NAMES

Facts = Mapping[str, Bound]
Values = Mapping[str, int]

PPD41_LEVELS = ("Baseline", "Low", "Medium", "High", "Severe", "Emergency")

EUREPOC_PARTS = (
    ("data theft", "theft"), ("disruption", "duration"), ("hijacking", "control"),
    ("physical effects, spatial", "physical"), ("physical effects, temporal", "physical_duration"),
)
"""EuRepoC's five indicators, 0 to 2 points each, and the input that gives the points."""


class Scale(NamedTuple):
    """A scale as a function of its inputs' values."""

    id: str
    inputs: Tuple[str, ...]
    function: Callable[[Values], float]

    def bounds(self, facts: Facts) -> Tuple[float, float]:
        low = self.function({name: facts[name].low for name in self.inputs})
        high = self.function({name: facts[name].high for name in self.inputs})
        return low, high


def ppd41(table: Sequence[Mapping[str, Any]]) -> Scale:
    """The level of the first row whose conditions are all met, of a table with the highest level first."""

    def level(values: Values) -> float:
        for row in table:
            if all(values[name] >= least for name, least in row["when"].items()):
                return row["level"]
        return 0

    names = {name for row in table for name in row["when"]}
    return Scale("ppd41", tuple(name for name in NAMES if name in names), level)


def eurepoc() -> Scale:
    """The sum of the points, by 1.5 for a target of very high political importance: 4 of 822 incidents, as EuRepoC's people
    judge it, so no sector says it."""

    def intensity(values: Values) -> float:
        return sum(values[name] for _, name in EUREPOC_PARTS) * (1.5 if values["importance"] else 1.0)

    return Scale("eurepoc", tuple(name for _, name in EUREPOC_PARTS) + ("importance",), intensity)


def ppd41_result(scale: Scale, table: Sequence[Mapping[str, Any]], facts: Facts, author: str) -> Dict[str, Any]:
    low, high = (int(bound) for bound in scale.bounds(facts))
    return {
        "scale": "ppd41",
        "title": "US Cyber Incident Severity Schema",
        "version": "PPD-41, 2016-07-26",
        "level": {"value": low, "low": low, "high": high, "name": PPD41_LEVELS[low]},
        "level_policy": author,
        "inputs": [_input(name, facts[name]) for name in scale.inputs],
        "notes": [
            f"Established: {_reason(table, facts, low, worst=False)}.",
            *([f"Not excluded: {_reason(table, facts, high, worst=True)}."] if high > low else []),
            "PPD-41 describes its levels in words. The table that reads them is the policy's, not the schema's; where "
            "the schema speaks of U.S. persons, the victims' nation is put in.",
        ],
    }


def eurepoc_result(scale: Scale, facts: Facts) -> Dict[str, Any]:
    low, high = scale.bounds(facts)
    inputs = [_input(input, facts[input], name) for name, input in EUREPOC_PARTS]
    weight = facts["importance"]
    low_weight, high_weight = (1.5 if value else 1 for value in (weight.low, weight.high))
    factor = {**_input("importance", weight, "weight"), "low": low_weight, "high": high_weight}
    if weight.is_known:
        factor["value"] = low_weight
    inputs.append(factor)
    return {
        "scale": "eurepoc",
        "title": "EuRepoC weighted cyber intensity",
        "version": "Global Database 1.1",
        "score": {
            "value": number((low + high) / 2),
            "interval": {"low": number(low), "high": number(high), "coverage": 1},
            "minimum": 0,
            "maximum": 15,
        },
        "inputs": inputs,
        "notes": [
            "The interval runs from what is established to the worst that is not excluded; the value is its middle, "
            "not a likelier one.",
        ],
    }


def unknowns(scales: Sequence[Scale], facts: Facts) -> List[Tuple[str, List[str]]]:
    """The inputs that are not known and the scales they widen, the one whose answer would narrow most first.

    An answer's worth is the share of each scale's width that vanishes, halfway between the best and the worst
    answer, added up over the scales.
    """
    worth: List[Tuple[float, int, str, List[str]]] = []
    for place, name in enumerate(NAMES):
        if facts[name].is_known:
            continue
        total = 0.0
        concerned = []
        for scale in scales:
            low, high = scale.bounds(facts)
            if name not in scale.inputs or low == high:
                continue
            concerned.append(scale.id)
            for value in (facts[name].low, facts[name].high):
                told = dict(facts)
                told[name] = facts[name]._replace(low=value, high=value)
                best, worst = scale.bounds(told)
                total += (1 - (worst - best) / (high - low)) / 2
        if concerned:
            worth.append((-round(total, 9), place, name, concerned))
    return [(name, concerned) for _, _, name, concerned in sorted(worth)]


def number(value: float) -> float:
    """Whole numbers without a fraction, so that equal values have equal bytes."""
    return int(value) if value == int(value) else value


def _input(input: str, bound: Bound, name: str = "") -> Dict[str, Any]:
    names = NAMES[input]
    found: Dict[str, Any] = {
        "name": name or input.replace("_", " "), "known": bound.is_known, "low": bound.low, "high": bound.high,
        "refs": list(bound.refs),
    }
    if bound.is_known:
        return {**found, "selected": names[bound.low], "value": bound.low, "basis": bound.basis[:1000]}
    # No option is taken for an unknown: it is all of them.
    return {**found, "basis": f"{names[bound.low]} to {names[bound.high]}: {bound.basis[:1000]}"}


def _reason(table: Sequence[Mapping[str, Any]], facts: Facts, level: int, worst: bool) -> str:
    for row in table:
        bounds = ((facts[name], least) for name, least in row["when"].items())
        if row["level"] == level and all((bound.high if worst else bound.low) >= least for bound, least in bounds):
            return f"level {level} ({PPD41_LEVELS[level]}), {'if' if worst else 'since'} {row['why']}"
    return f"level {level} ({PPD41_LEVELS[level]})"
