"""Events on their way to the broker: kept until it has said what became of each (PROTOCOL.md, section 7)."""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, Dict, Iterable, List, NamedTuple, Optional, Tuple

from .errors import EVENT_TOO_LARGE, Accepted, Outcome, Refusal
from .frames import (
    MAX_SEQUENCE, PUBLISH_HEADER, PUBLISH_OVERHEAD, FrameError, pack_publish, read_number, read_objects, read_sequence,
)


class Limits(NamedTuple):
    """What a broker takes, as its welcome says. Bytes, but for batch_events and the budget for what is refused. The
    defaults are those that brokers have; they count for nothing once there is a welcome."""

    event_bytes: int = 65536
    batch_bytes: int = 262144
    batch_events: int = 1024
    window_bytes: int = 8388608
    credit_bytes: int = 16777216
    faults_per_s: int = 20000
    faults_at_once: int = 100000

    @classmethod
    def read(cls, found: Any) -> "Limits":
        """From `limits` of a welcome. FrameError when one is missing or no number above 0."""
        if not isinstance(found, dict):
            raise FrameError("welcome has no limits")
        limits = cls(**{name: read_number(found, name) for name in cls._fields})
        for name, value in limits._asdict().items():
            if value < 1:
                raise FrameError(f"the limit {name} of welcome is no number above 0")
        return limits


class Ticket:
    """The fate of some events that were handed over together: one outcome an event, in their order."""

    __slots__ = ("outcomes", "waiting", "replay")

    def __init__(self, count: int, replay: bool = False) -> None:
        self.outcomes: List[Optional[Outcome]] = [None] * count
        self.waiting = count
        self.replay = replay

    @property
    def is_done(self) -> bool:
        """Whether every event was accepted or refused for good."""
        return self.waiting == 0

    @property
    def refusals(self) -> List[Refusal]:
        return [outcome for outcome in self.outcomes if isinstance(outcome, Refusal)]

    def settle(self, index: int, outcome: Outcome) -> None:
        self.outcomes[index] = outcome
        self.waiting -= 1


class _Entry(NamedTuple):
    event: bytes
    ticket: Ticket
    index: int
    descends: bool

    @property
    def kind(self) -> Tuple[bool, bool]:
        """What a batch's control frame says of all of its events."""
        return self.ticket.replay, self.descends


class _Flight(NamedTuple):
    entries: List[_Entry]
    size: int


class Outbox:
    """Waiting events, and batches in flight. A value without a socket; what is due to be sent comes from `next`.

    Batches are cut anew whenever they are sent, so that events that outlived a connection keep to the limits of the
    next one. Memory: the events' bytes until they are acknowledged.
    """

    def __init__(self) -> None:
        self.limits = Limits()
        self._waiting: Deque[_Entry] = deque()
        self._flying: Dict[int, _Flight] = {}
        self._bytes_flying = 0
        self._bytes_waiting = 0
        self._number = 0
        # Batches that the broker could not take, until all behind them have come back too.
        self._held: Dict[int, _Flight] = {}

    @property
    def is_empty(self) -> bool:
        return not self._waiting and not self._flying and not self._held

    @property
    def bytes(self) -> int:
        """What is kept in all."""
        return self._bytes_waiting + self._bytes_flying + sum(flight.size for flight in self._held.values())

    def add(self, events: Iterable[bytes], replay: bool = False) -> Ticket:
        return self.add_marked(((event, False) for event in events), replay)

    def add_marked(self, events: Iterable[Tuple[bytes, bool]], replay: bool = False) -> Ticket:
        """Each event with whether it descends from replayed ones."""
        kept = list(events)
        ticket = Ticket(len(kept), replay)
        self._waiting.extend(_Entry(event, ticket, index, descends) for index, (event, descends) in enumerate(kept))
        self._bytes_waiting += sum(len(event) for event, _ in kept)
        return ticket

    def next(self) -> Optional[Tuple[Dict[str, Any], bytes]]:
        """The control and batch frame of the next batch; None when nothing waits or the window is full."""
        if self._held and not self._release():
            return None
        limits = self.limits
        room = limits.batch_bytes
        if self._flying:
            # One alone is always taken, however small the window is.
            used = self._bytes_flying + PUBLISH_OVERHEAD * (len(self._flying) + 1)
            room = min(room, limits.window_bytes - used)
        entries: List[_Entry] = []
        size = 0
        waiting = self._waiting
        while waiting and len(entries) < limits.batch_events:
            entry = waiting[0]
            event, ticket, index = entry.event, entry.ticket, entry.index
            length = len(event) + PUBLISH_HEADER.size
            if length > limits.batch_bytes:
                # The broker would close the connection over such a frame and say nothing, so it is told here.
                waiting.popleft()
                self._bytes_waiting -= len(event)
                ticket.settle(index, _too_large(event, limits))
                continue
            if size + length > room or (entries and entry.kind != entries[0].kind):
                break
            waiting.popleft()
            entries.append(entry)
            size += length
        if not entries:
            return None
        self._number += 1
        self._flying[self._number] = _Flight(entries, size)
        self._bytes_flying += size
        self._bytes_waiting -= size - PUBLISH_HEADER.size * len(entries)
        control: Dict[str, Any] = {"op": "publish", "batch": self._number, "count": len(entries)}
        for name, is_so in zip(("replay", "descends"), entries[0].kind):
            if is_so:
                control[name] = True
        return control, pack_publish(entry.event for entry in entries)

    def published(self, control: Dict[str, Any]) -> None:
        """Takes a `published` frame. FrameError when it does not account for every event of its batch."""
        number = read_number(control, "batch")
        flight = self._flying.get(number)
        if flight is None:
            raise FrameError(f"published names batch {number}, which is not in flight")
        durability = str(control.get("durability", ""))
        outcomes: List[Optional[Outcome]] = [None] * len(flight.entries)

        def place(index: Any, outcome: Outcome) -> None:
            if not isinstance(index, int) or not 0 <= index < len(outcomes) or outcomes[index] is not None:
                raise FrameError(f"published of batch {number} has the index {index!r} twice or out of range")
            outcomes[index] = outcome

        for found in read_objects(control, "duplicates"):
            place(found.get("index"), Accepted(read_sequence(found.get("sequence"), "sequence"), True, durability))
        for found in read_objects(control, "refused"):
            place(found.get("index"), Refusal.read(found))
        if outcomes.count(None) != control.get("accepted"):
            raise FrameError(f"published of batch {number} does not add up")
        if None in outcomes:
            self._count(outcomes, control, durability)
        elif read_objects(control, "jumps"):
            raise FrameError(f"published of batch {number} has jumps and accepted nothing")
        self._land(number)
        for entry, outcome in zip(flight.entries, outcomes):
            entry.ticket.settle(entry.index, outcome)  # type: ignore[arg-type]

    @staticmethod
    def _count(outcomes: List[Optional[Outcome]], control: Dict[str, Any], durability: str) -> None:
        """Gives the accepted events of a batch their sequences. Jumps come by rising index, each at an accepted event
        and ahead of the sequence that would follow on."""
        sequence = read_sequence(control.get("first"), "first")
        # What is beyond is no place in a journal.
        most = MAX_SEQUENCE - len(outcomes)
        if sequence > most:
            raise FrameError(f"published begins with the sequence {sequence}")
        jumps = [
            (read_number(jump, "index"), read_sequence(jump.get("sequence"), "sequence"))
            for jump in read_objects(control, "jumps")
        ]
        jumps.reverse()
        for index, outcome in enumerate(outcomes):
            if outcome is not None:
                continue
            if jumps and jumps[-1][0] == index:
                _, there = jumps.pop()
                if not sequence < there <= most:
                    raise FrameError(f"a jump of published leads from {sequence} to {there}")
                sequence = there
            outcomes[index] = Accepted(sequence, False, durability)
            sequence += 1
        if jumps:
            raise FrameError(f"a jump of published stands at {jumps[-1][0]}: no event was accepted there, or it was passed")

    def size_in_flight(self, number: int) -> int:
        """Bytes of a batch that has no answer yet; 0 when there is none of that number."""
        flight = self._flying.get(number)
        return 0 if flight is None else flight.size

    def failed(self, number: int, refusal: Refusal) -> bool:
        """A whole batch was refused: for good, or to be sent again (True) when the error is retriable."""
        flight = self._flying.get(number)
        if flight is None:
            return False
        self._land(number)
        if refusal.is_retriable:
            self._held[number] = flight
            return True
        for entry in flight.entries:
            entry.ticket.settle(entry.index, refusal)
        return False

    def rewind(self) -> None:
        """After a lost session: everything unacknowledged waits again, in its order."""
        self._flying.update(self._held)
        self._held.clear()
        for number in sorted(self._flying, reverse=True):
            self._put_back(self._flying[number])
        self._flying.clear()
        self._bytes_flying = 0

    def _release(self) -> bool:
        """What was refused for now waits again, in its order and from the first number on; not while more is in flight."""
        if self._flying:
            return False
        for number in sorted(self._held, reverse=True):
            self._put_back(self._held[number])
        self._number = min(self._held) - 1
        self._held.clear()
        return True

    def _land(self, number: int) -> None:
        self._bytes_flying -= self._flying.pop(number).size

    def _put_back(self, flight: _Flight) -> None:
        self._waiting.extendleft(reversed(flight.entries))
        self._bytes_waiting += sum(len(entry.event) for entry in flight.entries)


def _too_large(event: bytes, limits: Limits) -> Refusal:
    return Refusal(
        EVENT_TOO_LARGE, "event-too-large", f"the event has {len(event)} bytes; a batch takes {limits.batch_bytes}"
    )
