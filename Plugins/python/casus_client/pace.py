"""How fast a publisher goes on whose events are refused."""

from __future__ import annotations

from .outbox import Limits


class RefusalPace:
    """Keeps a publisher within what the broker puts up with when events are refused, so that one wrong file does not get
    an honest plugin cut off: it spends half of the budget that welcome tells, at half of the rate at which it comes back.

    A value without a clock: times are seconds of a clock that never goes back. PROTOCOL.md, section 2.
    """

    def __init__(self) -> None:
        self._whole_at = 0.0

    def charge(self, points: float, now: float, limits: Limits) -> None:
        """Counts points: one for a refused event, four and one for each KiB for a refused batch."""
        if points > 0:
            self._whole_at = max(self._whole_at, now) + points * 2 / limits.faults_per_s

    def until(self, limits: Limits) -> float:
        """When publishing may go on; a time that is past when it may now."""
        return self._whole_at - limits.faults_at_once / limits.faults_per_s
