"""Running a pure fold: the same events in the same order give the same events, after a restart as well."""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, Iterable, List, Optional, Sequence, Set, Tuple

from .client import Client
from .errors import Refusal
from .events import Event
from .logs import fields, log
from .outbox import Ticket
from .subscription import Subscription


class Fold:
    """What an analyzer is made of. `handle` takes the next event and returns the events that follow from it, as
    bytes; it reads no clock and no random numbers, and leaves its state as it was when it raises.
    """

    def handle(self, event: Event) -> Iterable[bytes]:
        raise NotImplementedError

    @property
    def note(self) -> Optional[str]:
        """A line for the plugin's health, as what it had to forget; None while all is well."""
        return None


class AnalyzerRun:
    """Feeds a fold from a durable subscription, publishes what it returns, and acknowledges an event once all that
    followed from it is acknowledged.

    The fold's state lives in memory only. Before anything new is delivered, in every session, the history that the
    fold has not seen is read by an ephemeral subscription in the journal's order; what follows from events that were
    acknowledged before is not published again, what follows from the others is, and comes back as a duplicate where
    it had been. So no crash loses or doubles anything, and a restart costs one reading of the subscribed history.
    """

    def __init__(self, bus: Client, fold: Fold, types: Sequence[str], name: str, max_attempts: int = 5) -> None:
        self._bus = bus
        self._fold = fold
        self._types = types
        self._folded = 0
        self._failed: Set[int] = set()
        self._pending: Deque[Tuple[Event, Ticket]] = deque()
        self.handled = 0
        self.published = 0
        self.refused = 0
        self._subscription = bus.subscribe(
            types, name=name, start="earliest", held=True, auto_ack=False, max_attempts=max_attempts
        )

    def run(self) -> None:
        """Until the client is stopped."""
        subscription, session = self._subscription, 0
        while not self._bus.is_stopped:
            if subscription.session != session:
                session = subscription.session
                self._catch_up(subscription)
                continue
            subscription.release()
            for event in subscription.take(timeout=1.0 if not self._pending else 0.01):
                self._handle(subscription, event)
            self._settle(subscription)

    def _catch_up(self, subscription: Subscription) -> None:
        end = subscription.next_sequence - 1
        if end <= self._folded:
            return
        first = int(self._bus.welcome.get("first", "1"))
        start: Any = max(self._folded + 1, first) if self._folded else "earliest"
        history = self._bus.subscribe(self._types, start=start)
        tickets: List[Ticket] = []
        count = 0
        while history.read_through < end:
            if self._bus.is_stopped:
                return
            events = history.take(timeout=0)
            if not events:
                self._bus.poll()
            for event in events:
                if self._folded < event.sequence <= end:
                    count += 1
                    ticket = self._fold_old(event, subscription.acked)
                    if ticket is not None:
                        tickets.append(ticket)
        history.close()
        for ticket in tickets:
            self._bus.wait(ticket)
            self._count(ticket)
        log.info("history read%s", fields(events=count, through=end, acknowledged=subscription.acked))

    def _fold_old(self, event: Event, acked: int) -> Optional[Ticket]:
        """An event of the history; what follows from it is published unless it had been acknowledged."""
        self._folded = event.sequence
        try:
            outputs = list(self._fold.handle(event))
        except Exception:
            log.exception("an event of the history could not be handled%s", fields(sequence=event.sequence))
            self._failed.add(event.sequence)
            return None
        if event.sequence <= acked:
            # Published then; what names them carries their marks on.
            for output in outputs:
                self._bus.heritage.pass_on(output, event.flags)
            return None
        if not outputs:
            return None
        return self._bus.send(outputs, marks=event.flags)

    def _handle(self, subscription: Subscription, event: Event) -> None:
        if event.sequence <= self._folded and event.sequence not in self._failed:
            subscription.ack(event)
            return
        self._folded = max(self._folded, event.sequence)
        try:
            outputs = list(self._fold.handle(event))
        except Exception as error:
            log.exception("an event could not be handled%s", fields(sequence=event.sequence, sender=event.sender))
            self._failed.add(event.sequence)
            subscription.nack(event, delay=1.0, reason=f"{type(error).__name__}: {error}")
            return
        self._failed.discard(event.sequence)
        self.handled += 1
        if outputs:
            self._pending.append((event, self._bus.send(outputs, marks=event.flags)))
        else:
            subscription.ack(event)

    def _settle(self, subscription: Subscription) -> None:
        while self._pending and self._pending[0][1].is_done:
            event, ticket = self._pending.popleft()
            self._count(ticket)
            subscription.ack(event)

    def _count(self, ticket: Ticket) -> None:
        for outcome in ticket.outcomes:
            if isinstance(outcome, Refusal):
                self.refused += 1
                log.error("an event was refused%s", fields(error=outcome, schema=outcome.schema_pointer))
            else:
                self.published += 1
        text = f"{self.handled} events handled, {self.published} published, {self.refused} refused"
        note = self._fold.note
        self._bus.health("degraded" if self.refused or note else "ok", f"{note}; {text}" if note else text)
