"""A client of a Casus broker: the session, and what has to happen in it in time."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence

from .credit import Window
from .errors import NO_SESSION, CasusError, Outcome, Refusal
from .events import make_event
from .heritage import Heritage
from .link import LinkLost
from .logs import fields, log
from .outbox import Ticket
from .session import Session
from .settings import Connection, connection_from_environment, settings_from_environment
from .subscription import ACK_WAIT_MS, Request, Subscription


BYE_WAIT = 1.0
"""Seconds for which a broker may take its time to hear our bye."""


class Client(Session):
    """A client of a broker. Subscriptions go on and unacknowledged events are sent again after a lost connection.

    Nothing runs in the background: the client does its work inside `poll`, which everything that waits calls. Who
    computes for longer than `heartbeat` seconds at a time calls `poll(0)` in between, or the broker takes the client
    for gone. Of one thread only.

    Refusal is raised out of `poll` when the broker will have none of this client: a wrong identity, a revoked key,
    another process under the same identity.
    """

    def __init__(
        self, connection: Connection, program: str, version: str = "1.0.0", summary: str = "",
        publishes: Sequence[str] = (), subscribes: Sequence[str] = (), schemas: Mapping[str, str] = {},
    ) -> None:
        """`schemas`: JSON texts of schemas that the plugin brings, by type, for types that its agency defines."""
        super().__init__(connection, program, version, summary, publishes, subscribes, schemas)
        self.identity = connection.identity
        self.settings: Dict[str, Any] = {}
        self.state_directory: Optional[str] = None
        self.max_outbox_bytes = 32 << 20
        """`send` waits while more than this is kept for the broker."""
        self.heritage = Heritage()
        """The marked events that were handed out, or given to publish."""
        self._number = 0

    @classmethod
    def from_environment(cls, program: str, version: str = "1.0.0", **manifest: Any) -> "Client":
        """A client of the broker that the launcher named. ConfigurationError when the environment is not whole."""
        client = cls(connection_from_environment(), program, version, **manifest)
        client.settings = settings_from_environment()
        client.state_directory = os.environ.get("CASUS_STATE")
        return client

    # Connecting and ending

    def connect(self, timeout: Optional[float] = None) -> "Client":
        """Returns once the broker has welcomed us; Disconnected when it has not in `timeout` seconds."""
        self._until(lambda: self.is_connected, timeout, "the broker did not welcome us")
        return self

    def close(self, reason: str = "done", flush: float = 2.0) -> None:
        """Sends what is in the outbox, for at most `flush` seconds, says bye and frees the socket."""
        if self._stop_pipe[0] < 0:
            return
        deadline = time.monotonic() + flush
        try:
            while self.is_connected and not self._outbox.is_empty and time.monotonic() < deadline:
                self._turn_once(min(0.2, deadline - time.monotonic()))
            if self._link is not None and self.is_connected:
                self._flush()
                self._say_bye(reason)
        except (LinkLost, CasusError) as error:
            log.warning("the end was not clean%s", fields(error=error))
        if not self._outbox.is_empty:
            log.warning("events were left unacknowledged%s", fields(bytes=self._outbox.bytes))
        self._drop()
        for pipe in self._stop_pipe:
            os.close(pipe)
        self._stop_pipe = (-1, -1)

    def _say_bye(self, reason: str) -> None:
        """Ends the session so that the broker knows: an event in hand whose client just vanishes is charged an attempt. The
        broker answers the ping behind the bye, with an error as a rule, and has everything by then."""
        self._link.send({"op": "bye", "reason": reason[:200]})
        self._link.send({"op": "ping"})
        deadline = time.monotonic() + BYE_WAIT
        while (left := deadline - time.monotonic()) > 0:
            self._wait(left)
            for control, _ in self._link.receive():
                if control["op"] == "pong" or control["op"] == "error" and control.get("code") == NO_SESSION:
                    return
            self._link.check()

    def __enter__(self) -> "Client":
        return self.connect()

    def __exit__(self, *error: Any) -> None:
        self.close()

    # Publishing

    @property
    def clearance(self) -> str:
        """The strictest TLP marking that this client is sent, as `AMBER`; empty before the first welcome."""
        return str(self.welcome.get("clearance", ""))

    @property
    def source(self) -> str:
        """What every event that this client publishes has as its source."""
        return f"//{self.identity}"

    def event(self, type: str, data: Dict[str, Any], **attributes: Any) -> bytes:
        """An event of ours; the attributes are make_event's."""
        return make_event(type, data, source=self.source, **attributes)

    def send(self, events: Iterable[bytes], replay: bool = False, marks: int = 0) -> Ticket:
        """Hands events to the outbox and returns at once, unless the outbox is full. The ticket tells their fate.

        `marks`: the flags of the event that they follow from. They carry its marks on, and those of all that they name and that
        this client has handed out or published: `exercise` is set where it was not, and the broker's stamp says `descends`."""
        while self._outbox.bytes > self.max_outbox_bytes:
            self._check_running()
            self.poll(None)
        if replay:
            ticket = self._outbox.add(events, replay)
        else:
            ticket = self._outbox.add_marked(self.heritage.pass_on(event, marks) for event in events)
        self.poll(0)
        return ticket

    def publish(self, events: Iterable[bytes], timeout: Optional[float] = None, replay: bool = False) -> List[Outcome]:
        """Publishes and waits until every event is acknowledged (on disk) or refused: one outcome an event."""
        ticket = self.send(events, replay)
        self.wait(ticket, timeout)
        return [outcome for outcome in ticket.outcomes if outcome is not None]

    def wait(self, ticket: Ticket, timeout: Optional[float] = None) -> None:
        self._until(lambda: ticket.is_done, timeout, "the broker did not acknowledge")

    # Subscribing, asking, health

    def subscribe(
        self, types: Sequence[str], *, name: Optional[str] = None, start: Any = "latest",
        senders: Optional[Sequence[str]] = None, window: Window = Window(), ack_wait_ms: int = ACK_WAIT_MS,
        max_attempts: int = 5, auto_ack: bool = True, held: bool = False, timeout: Optional[float] = None,
        group: Optional[str] = None, backoff_ms: Optional[Sequence[int]] = None,
        overload: Optional[Dict[str, Any]] = None,
    ) -> Subscription:
        """Subscribes, durable when it has a `name`, or a `group` of the agency whose members share the work. `held`: in
        each session nothing is delivered before `release`. Refusal when the broker refuses it."""
        self._number += 1
        request = Request(
            types, name, start, senders, window, ack_wait_ms, max_attempts, held, group, backoff_ms, overload
        )
        subscription = Subscription(self, self._number, request, auto_ack)
        self._subscriptions[self._number] = subscription
        self.command(subscription.command())
        try:
            self._until(lambda: subscription.is_open or subscription.error is not None, timeout, "not subscribed")
        finally:
            if not subscription.is_open:
                self._subscriptions.pop(subscription.number, None)
        if subscription.error is not None:
            raise subscription.error
        return subscription

    def unsubscribe(self, subscription: Subscription, forget: bool = False) -> None:
        if self._subscriptions.get(subscription.number) is subscription:
            self.poll(0)
            del self._subscriptions[subscription.number]
            self.command({"op": "unsubscribe", "sub": subscription.number, "forget": forget})

    def request(self, what: str, timeout: Optional[float] = 10.0, **parameters: str) -> Any:
        """Asks the broker: status, schemas, schema (type=…). Asked again after a reconnect."""
        self._number += 1
        number = self._number
        command = {"op": "request", "id": number, "what": what, "parameters": parameters}
        self._requests[number] = command
        self.command(command)
        try:
            self._until(lambda: number in self._replies, timeout, f"no reply to {what}")
        finally:
            self._requests.pop(number, None)
        reply = self._replies.pop(number)
        if isinstance(reply, Refusal):
            raise reply
        return reply

    def health(self, state: str, text: str = "") -> None:
        """Our own word on how we are: ok, degraded or failing. Told with the next ping, a change at once."""
        if (state, text) != self._health:
            if state != self._health[0]:
                self._next_ping = 0.0
            self._health = (state, text[:500])
