"""A subscription as its user reads it: an iterator over events, with credit and acknowledgements behind it."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any, Deque, Dict, Iterator, List, NamedTuple, Optional, Sequence

from .acks import AckTracker
from .credit import CreditWindow, Window
from .errors import CasusError, JournalReplaced
from .events import Event
from .frames import FrameError, read_number, read_sequence, unpack_deliver

if TYPE_CHECKING:
    from .client import Client


ACK_WAIT_MS = 600_000
"""How long the broker waits for an acknowledgement before it sends an event again. Long, because an event cannot be lost
within a session, and a new session gets everything unacknowledged at once."""


class Request(NamedTuple):
    """What is subscribed to; the members are PROTOCOL.md's. `start` is earliest, latest, a sequence (int) or an
    RFC 3339 time; a durable subscription (one with a name or a group) goes on after its position whatever it says.
    `overload` is as PROTOCOL.md's, `{"policy": "drop-oldest", "events": 1000}`; None means block."""

    types: Sequence[str]
    name: Optional[str] = None
    start: Any = "latest"
    senders: Optional[Sequence[str]] = None
    window: Window = Window()
    ack_wait_ms: int = ACK_WAIT_MS
    max_attempts: int = 5
    held: bool = False
    group: Optional[str] = None
    backoff_ms: Optional[Sequence[int]] = None
    overload: Optional[Dict[str, Any]] = None

    @property
    def is_durable(self) -> bool:
        return self.name is not None or self.group is not None


class Subscription:
    """Events in rising order of sequence, redelivered ones apart. Made by Client.subscribe; of the client's thread.

    As an iterator it waits for the next event and ends when the client is stopped. With `auto_ack` a durable
    subscription's event counts as handled when the next one is asked for, so an exception in a loop's body leaves it
    to be delivered again; otherwise call `ack`. After a reconnect it goes on by itself: an ephemeral one behind the
    last event that arrived, a durable one where the broker's acknowledgements stand.
    """

    def __init__(self, client: "Client", number: int, request: Request, auto_ack: bool = True) -> None:
        self.number = number
        self.request = request
        self.auto_ack = auto_ack
        self.acks: Optional[AckTracker] = None
        """Durable ones, once the broker has said where they stand."""
        self.dropped = 0
        """Events that matched and were passed over by the overload policy."""
        self.is_open = False
        self.session = 0
        """Counts the sessions in which it was subscribed: a change means that it began anew."""
        self.error: Optional[CasusError] = None
        self.acked = 0
        """Durable: up to here everything was acknowledged when the session's subscription began."""
        self.next_sequence = 0
        """The first sequence that was to be looked at when the session's subscription began."""
        self.last = 0
        """The journal's last sequence then."""
        self.journal: Optional[str] = None
        """The id of the journal that it reads."""
        self.through = 0
        """Everything up to here has arrived or did not match."""
        self._read = 0
        """The highest sequence that was read in the journal, handed out or not; it never falls."""
        self._client = client
        self._queue: Deque[Event] = deque()
        self._in_hand: Optional[int] = None
        self._credit = CreditWindow(request.window, request.is_durable, request.held)
        self._has_arrived = False

    # Reading

    def __iter__(self) -> Iterator[Event]:
        while True:
            event = self.next()
            if event is None:
                return
            yield event

    def next(self, timeout: Optional[float] = None) -> Optional[Event]:
        """The next event; None when the client was stopped or `timeout` seconds went by without one."""
        self._settle()
        if not self._wait(timeout):
            return None
        event = self._queue.popleft()
        self._credit.consume(1, len(event.view))
        self._in_hand = event.sequence
        self._client.heritage.note(event)
        return event

    def take(self, timeout: Optional[float] = None, most: int = 64) -> List[Event]:
        """The events that have arrived, at most so many, after waiting for the first; empty as `next` gives None. The
        fast way: acknowledge with `ack(*events)`. More at once are slower when they are parsed, not faster: Python's
        collector walks through all that is alive again and again."""
        self._settle()
        if not self._wait(timeout):
            return []
        queue = self._queue
        events = [queue.popleft() for _ in range(min(most, len(queue)))]
        self._credit.consume(len(events), sum(len(event.view) for event in events))
        for event in events:
            self._client.heritage.note(event)
        return events

    @property
    def read_through(self) -> int:
        """Everything up to here has been read or did not match (redelivered events apart)."""
        return min(self.through, self._queue[0].sequence - 1) if self._queue else self.through

    @property
    def is_caught_up(self) -> bool:
        """Whether all that the journal held when it was subscribed has been read."""
        return self.is_open and self.read_through >= self.last

    # Acknowledging (durable ones; nothing happens on others)

    def ack(self, *events: Event) -> None:
        """These have been handled. Told to the broker with the next poll."""
        if self.acks is not None:
            for event in events:
                self.acks.settle(event.sequence)

    def nack(self, event: Event, delay: Optional[float] = None, reason: str = "") -> None:
        """It could not be handled: it comes again after `delay` seconds, None for what the back-off says, and after
        `max_attempts` deliveries it goes to quarantine."""
        if self.acks is not None and self.acks.refuse(event.sequence):
            command: Dict[str, Any] = {"op": "nack", "sub": self.number, "sequences": [str(event.sequence)]}
            if delay is not None:
                command["delay_ms"] = int(delay * 1000)
            self._client.command({**command, "reason": reason[:200]})

    def close(self, forget: bool = False) -> None:
        """Ends it; `forget` also drops a durable one's position in the broker."""
        self._settle()
        self._client.unsubscribe(self, forget)

    def release(self) -> None:
        """Lets the broker deliver to a subscription that is held; it is again after a reconnect."""
        if self.is_open:
            self._credit.is_held = False
            credit = self.due_credit(time.monotonic())
            if credit is not None:
                self._client.command(credit)

    # The client's side

    def command(self) -> Dict[str, Any]:
        """The subscribe command for a session that begins now."""
        request = self.request
        # What an ephemeral one still holds from the session before counts against the new one's credit.
        grant = self._credit.start_session(
            self._client.credit_bytes, len(self._queue), sum(len(event.view) for event in self._queue), time.monotonic())
        command: Dict[str, Any] = {
            "op": "subscribe",
            "sub": self.number,
            "types": list(request.types),
            "credit": grant._asdict(),
            "progress": True,
        }
        if request.senders is not None:
            command["senders"] = list(request.senders)
        if request.is_durable:
            whose = {"group": request.group} if request.group is not None else {"name": request.name}
            command.update(whose, ack_wait_ms=request.ack_wait_ms, max_attempts=request.max_attempts)
            if request.backoff_ms is not None:
                command["backoff_ms"] = list(request.backoff_ms)
        if request.overload is not None:
            command["overload"] = request.overload
        start = request.start
        if self._has_arrived and not request.is_durable:
            start = self.through + 1
        if isinstance(start, int):
            command.update({"from": "sequence", "sequence": str(start)})
        elif start in ("earliest", "latest"):
            command["from"] = start
        else:
            command.update({"from": "time", "time": start})
        return command

    def read_on(self, journal: Optional[str], last: int) -> None:
        """A session begins on a journal that ends with `last`. Raises JournalReplaced when it is not what was read so far."""
        if self._has_arrived and journal != self.journal:
            raise JournalReplaced(
                f"the broker's journal is {journal}, and what was read so far is of {self.journal}: it is another journal")
        if self._read > last:
            raise JournalReplaced(
                f"the broker's journal ends at {last}, but {self._read} was read from it before: it is an old copy of it")

    def begin(self, control: Dict[str, Any]) -> None:
        """Takes `subscribed`."""
        self.journal = self._client.welcome.get("journal")
        self.next_sequence = read_sequence(control.get("next"), "next")
        self.last = read_sequence(control.get("last"), "last")
        # It may lie beyond the journal's end: then that is waited for.
        self.through = self.next_sequence - 1
        self._has_arrived = True
        if self.request.is_durable:
            self.acked = read_sequence(control.get("acked"), "acked")
            self._read = max(self._read, min(self.acked, self.last))
            if self.acks is None:
                self.acks = AckTracker(self.acked, self.request.group is not None)
            self.acks.start_session()
        self.session += 1
        self.is_open = True

    def deliver(self, control: Dict[str, Any], batch: Optional[memoryview]) -> None:
        """Takes `deliver`. FrameError when it does not keep the protocol."""
        senders, count = control.get("senders"), control.get("count")
        if not isinstance(senders, list) or not isinstance(count, int) or batch is None:
            raise FrameError("deliver without senders, count or batch")
        events = unpack_deliver(batch, count, senders)
        if self.acks is not None:
            fresh: List[Event] = []
            for event in events:
                if self.acks.deliver(event.sequence, event.is_redelivered):
                    fresh.append(event)
                else:
                    self._credit.consume(1, len(event.view))
            events = fresh
        self._queue.extend(events)
        self._look(read_sequence(control.get("through"), "through"), has_events=True)

    def progress(self, control: Dict[str, Any]) -> None:
        """Takes `progress`."""
        self._look(read_sequence(control.get("through"), "through"), has_events=False)

    def _look(self, through: int, has_events: bool) -> None:
        """The broker has looked at everything up to here. What is before the subscription's start need not be there yet."""
        self.through = max(self.through, through)
        if has_events or through >= self.next_sequence:
            self._read = max(self._read, through)

    def drop(self, control: Dict[str, Any]) -> None:
        """Takes `dropped`."""
        self.dropped += read_number(control, "count")

    def lose(self) -> None:
        """The session is gone. What a durable one had not handed out will be delivered again."""
        self.is_open = False
        self._credit.is_held = self.request.held
        if self.acks is not None:
            for event in self._queue:
                self.acks.refuse(event.sequence)
            self._queue.clear()

    def fail(self, error: CasusError) -> None:
        """It was refused, now or after a reconnect: its user is told by the next read."""
        self.is_open = False
        self.error = error

    def due_credit(self, now: float) -> Optional[Dict[str, Any]]:
        """The credit command for what was read since, once it is worth a message."""
        grant = self._credit.top_up(now)
        return None if grant is None else {"op": "credit", "sub": self.number, **grant._asdict()}

    def _settle(self) -> None:
        if self._in_hand is not None and self.auto_ack and self.acks is not None:
            self.acks.settle(self._in_hand)
        self._in_hand = None

    def _wait(self, timeout: Optional[float]) -> bool:
        deadline = None if timeout is None else time.monotonic() + timeout
        client = self._client
        # Even with events in the queue the client gets its turn, so that pings and acknowledgements go out.
        client.poll_if_due()
        while not client.is_stopped:
            if self._queue:
                return True
            if self.error is not None:
                raise self.error
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return False
            client.poll(left)
        return False
