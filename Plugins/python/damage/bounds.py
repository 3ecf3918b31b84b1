"""Bounded inputs: an unknown is the range of all that it may be."""

from __future__ import annotations

import math
from typing import Any, Dict, Iterable, List, NamedTuple, Tuple


class Bound(NamedTuple):
    """An ordered input between `low` (established) and `high` (not excluded), and where that comes from."""

    low: int
    high: int
    basis: str
    refs: Tuple[Dict[str, Any], ...] = ()
    left_out: Tuple[str, ...] = ()
    """What was reported and counts for nothing, a sentence each."""

    @property
    def is_known(self) -> bool:
        return self.low == self.high


def worst(bounds: Iterable[Bound], otherwise: Bound) -> Bound:
    """The bound of the largest of several inputs; `otherwise` when there are none."""
    found = list(bounds)
    if not found:
        return otherwise
    low, high = max(bound.low for bound in found), max(bound.high for bound in found)
    # The reasons that carry the result come first; the same one is said once.
    telling = [bound for bound in found if bound.high == high or bound.low == low]
    reasons: List[str] = []
    refs: List[Dict[str, Any]] = []
    for bound in telling:
        if bound.basis not in reasons:
            reasons.append(bound.basis)
        refs.extend(ref for ref in bound.refs if ref not in refs)
    return Bound(low, high, "; ".join(reasons[:4]), tuple(refs[:8]))


class Estimate(NamedTuple):
    """A number and its bounds, as the schemas' estimates."""

    low: float
    high: float

    @classmethod
    def read(cls, found: Dict[str, Any]) -> "Estimate":
        return cls(found.get("low", found["value"]), found.get("high", found["value"]))

    @property
    def whole(self) -> "Estimate":
        return Estimate(whole(self.low), whole(self.high))


def whole(number: float) -> float:
    """What is counted comes in whole numbers: half a person is none, or one."""
    return float(max(0, math.floor(number + 0.5)))
