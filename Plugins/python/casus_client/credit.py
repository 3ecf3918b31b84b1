"""How much the broker may have on its way to a reader (PROTOCOL.md, section 5, `credit`)."""

from __future__ import annotations

from typing import NamedTuple, Optional


class Window(NamedTuple):
    """How much the broker may deliver ahead of the user; at most the broker's `credit_bytes`. Memory: about `bytes`,
    once more for what is parsed. A durable subscription begins with 8 events and gets more while its reader keeps up."""

    events: int = 1024
    bytes: int = 4 << 20


class Grant(NamedTuple):
    """What is added to the broker's credit."""

    events: int
    bytes: int


class CreditWindow:
    """Grants, and grants again as the reader consumes. A value without a socket or a clock; times are in seconds.

    A durable subscription's window begins small, so that a plugin that dies of an event takes few others into
    redelivery with it, and grows while the reader keeps up: eightfold when half of it was used within a second, twofold
    within five. Tests/Vectors/credit.json has it step by step; the SDK in Swift keeps the same rule.
    """

    FIRST_EVENTS = 8

    def __init__(self, most: Window, is_durable: bool, is_held: bool = False) -> None:
        """`is_held`: nothing is granted while it is."""
        self.is_held = is_held
        self._most = Window(max(1, most.events), max(1, most.bytes))
        self._events = min(self.FIRST_EVENTS, self._most.events) if is_durable else self._most.events
        self._bytes = self._most.bytes
        # Granted and not yet consumed: on its way or waiting to be read.
        self._open_events = 0
        self._open_bytes = 0
        self._last_grant: Optional[float] = None

    def start_session(self, limit: int, buffered_events: int, buffered_bytes: int, now: float) -> Grant:
        """The first grant of a session; those of the one before are void, and what is still buffered counts against it.
        `limit` is the broker's `credit_bytes`: it would cut what is more, and nothing would ever be asked for again."""
        self._bytes = max(1, min(self._most.bytes, limit))
        self._open_events, self._open_bytes = buffered_events, buffered_bytes
        self._last_grant = None
        return self._grant(now) or Grant(0, 0)

    def consume(self, events: int, size: int) -> None:
        self._open_events -= events
        self._open_bytes -= size

    def top_up(self, now: float) -> Optional[Grant]:
        """What to grant now; None while less than half of the window is used up."""
        events, size = self._events - self._open_events, self._bytes - self._open_bytes
        is_due = events * 2 >= self._events or size * 2 >= self._bytes
        if self.is_held or not is_due:
            return None
        if self._last_grant is not None and self._open_events * 2 <= self._events:
            pace = now - self._last_grant
            self._events = min(self._events * (8 if pace <= 1 else 2 if pace <= 5 else 1), self._most.events)
        return self._grant(now)

    def _grant(self, now: float) -> Optional[Grant]:
        if self.is_held:
            return None
        grant = Grant(max(0, self._events - self._open_events), max(0, self._bytes - self._open_bytes))
        if grant == (0, 0):
            return None
        self._open_events += grant.events
        self._open_bytes += grant.bytes
        self._last_grant = now
        return grant
