"""The session with a broker: made again whenever it is lost, with everything that was in it."""

from __future__ import annotations

import logging
import math
import os
import random
import time
from typing import Any, Callable, Dict, Mapping, Optional, Sequence

import zmq

from .errors import (
    NO_SESSION, UNAUTHENTICATED, Disconnected, JournalReplaced, KeyRefused, Refusal, Stopped,
)
from .frames import FrameError, read_number, read_sequence
from .link import Link, LinkLost
from .logs import fields, log
from .outbox import Limits, Outbox
from .pace import RefusalPace
from .settings import Connection
from .subscription import Subscription

WELCOME_WAIT = 10.0
"""Seconds from hello to welcome; then the connection is made anew."""

TURN = 0.05
"""Seconds after which a busy reader lets the client send pings, credit and acknowledgements."""


class Session:
    """What has to happen in time between a client and its broker. Nothing runs in the background: the work is done
    inside `poll`, by the one thread that owns the client.
    """

    def __init__(
        self, connection: Connection, program: str, version: str, summary: str,
        publishes: Sequence[str], subscribes: Sequence[str], schemas: Mapping[str, str] = {},
    ) -> None:
        self.connection = connection
        self.welcome: Dict[str, Any] = {}
        """The last welcome as it came (PROTOCOL.md, section 6): broker, roles, clearance, limits, journal, first, …"""
        self.is_connected = False
        self.is_stopped = False
        self.heartbeat = 5.0
        self._manifest = {
            "program": program, "version": version, "summary": summary,
            "publishes": list(publishes), "subscribes": list(subscribes),
        }
        if schemas:
            self._manifest["schemas"] = [{"type": type, "schema": text} for type, text in schemas.items()]
        self._link: Optional[Link] = None
        self._poller = zmq.Poller()
        self._attempts = 0
        self._next_attempt = 0.0
        self._was_connected = False
        self._was_refused = False
        self._gives_up_at = math.inf
        self._be_patient(0.0)
        self._hello_sent = 0.0
        self._next_ping = 0.0
        self._heard = 0.0
        self._turn = 0.0
        self._held_until = 0.0
        self._health = ("ok", "")
        self._outbox = Outbox()
        self._pace = RefusalPace()
        self._subscriptions: Dict[int, Subscription] = {}
        self._requests: Dict[int, Dict[str, Any]] = {}
        self._replies: Dict[int, Any] = {}
        self._stop_pipe = os.pipe()
        for end in self._stop_pipe:
            os.set_blocking(end, False)
        self._poller.register(self._stop_pipe[0], zmq.POLLIN)

    @property
    def credit_bytes(self) -> int:
        """How much credit the broker lets a subscription have."""
        return self._outbox.limits.credit_bytes

    def stop(self) -> None:
        """Ends all waiting soon. May be called from a signal handler or another thread."""
        self.is_stopped = True
        try:
            os.write(self._stop_pipe[1], b"!")
        except OSError:
            pass  # Full: a wake-up is on its way already. Closed: nobody waits any more.

    def poll(self, timeout: Optional[float] = None) -> None:
        """Does what is due and handles what has arrived, waiting up to `timeout` seconds (None: as long as it takes)
        for something to happen. Returns after one round of work, also when nothing of interest came. Stopped after
        `close`."""
        if self._stop_pipe[0] < 0:
            raise Stopped("the client is closed")
        self._turn_once(timeout)
        self._turn = time.monotonic() + TURN

    def poll_if_due(self) -> None:
        if time.monotonic() >= self._turn:
            self.poll(0)

    def command(self, control: Dict[str, Any]) -> None:
        """Sends a command of this session; without one nothing, since a session begins with all that stands."""
        if self._link is not None and self.is_connected:
            try:
                self._link.send(control)
            except LinkLost as error:
                self._lose(error)

    def _until(self, condition: Callable[[], bool], timeout: Optional[float], failure: str) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        while not condition():
            self._check_running()
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise Disconnected(f"{failure} within {timeout} s")
            self.poll(left)

    def _check_running(self) -> None:
        if self.is_stopped:
            raise Stopped("the client was stopped")

    def _turn_once(self, timeout: Optional[float]) -> None:
        try:
            self._keep_time()
            self._flush()
            wait = self._next_deadline() - time.monotonic()
            if timeout is not None:
                wait = min(wait, timeout)
            self._wait(wait)
            link = self._link
            if link is not None:
                for control, batch in link.receive():
                    self._handle(control, batch)
                    if self._link is not link:
                        return
                link.check()
                self._flush()
        except LinkLost as error:
            self._lose(error)
        except FrameError as error:
            self._lose(LinkLost(f"the broker does not keep the protocol: {error}"))

    def _wait(self, seconds: float) -> None:
        """Until something can be read, `stop` is called, or the time is over."""
        if any(ready == self._stop_pipe[0] for ready, _ in self._poller.poll(max(0, int(seconds * 1000 + 0.999)))):
            os.read(self._stop_pipe[0], 64)

    def _next_deadline(self) -> float:
        if self._link is None:
            return min(self._next_attempt, self._gives_up_at)
        if not self.is_connected:
            return self._hello_sent + WELCOME_WAIT
        return min(self._next_ping, self._held_until) if self._held_until else self._next_ping

    def _keep_time(self) -> None:
        now = time.monotonic()
        if self._link is None:
            if now >= self._gives_up_at:
                failure = KeyRefused if self._was_refused else Disconnected
                raise failure(f"no session at {self.connection.endpoint} within {self.connection.patience:g} s")
            if now >= self._next_attempt:
                self._open()
        elif not self.is_connected:
            if now >= self._hello_sent + WELCOME_WAIT:
                raise LinkLost(f"no welcome within {WELCOME_WAIT:g} s")
        elif now >= self._next_ping:
            if now - self._heard > 3 * self.heartbeat:
                raise LinkLost(f"nothing heard for {3 * self.heartbeat:g} s")
            self._link.send({"op": "ping", "state": self._health[0], "text": self._health[1]})
            self._next_ping = now + self.heartbeat

    def _open(self) -> None:
        self._link = Link(self.connection)
        self._link.register(self._poller)
        self._hello_sent = self._heard = time.monotonic()
        self._link.send(
            {"op": "hello", "protocol": [1, 1], "identity": self.connection.identity, "manifest": self._manifest}
        )

    def _flush(self) -> None:
        if self._link is None or not self.is_connected:
            return
        now = time.monotonic()
        for subscription in self._subscriptions.values():
            if subscription.is_open:
                self._flush_acks(subscription)
                credit = subscription.due_credit(now)
                if credit is not None:
                    self._link.send(credit)
        if self._held_until:
            if now < self._held_until:
                return
            self._held_until = 0.0
        batch = self._outbox.next()
        while batch is not None:
            self._link.send(*batch)
            batch = self._outbox.next()

    def _flush_acks(self, subscription: Subscription) -> None:
        if subscription.acks is None or self._link is None:
            return
        ack = subscription.acks.next(subscription.number)
        while ack is not None:
            self._link.send(ack)
            ack = subscription.acks.next(subscription.number)

    # What the broker says

    def _handle(self, control: Dict[str, Any], batch: Optional[memoryview]) -> None:
        self._heard = time.monotonic()
        operation = control["op"]
        if operation == "deliver":
            subscription = self._subscriptions.get(read_number(control, "sub"))
            if subscription is not None and subscription.is_open:
                subscription.deliver(control, batch)
        elif operation == "published":
            self._outbox.published(control)
            self._charge(len(control.get("refused", ())))
        elif operation == "welcome":
            self._begin(control)
        elif operation == "error":
            self._refused(control)
        elif operation in ("subscribed", "progress", "dropped"):
            subscription = self._subscriptions.get(read_number(control, "sub"))
            if subscription is not None:
                takers = {"subscribed": subscription.begin, "progress": subscription.progress}
                takers.get(operation, subscription.drop)(control)
        elif operation == "reply":
            if read_number(control, "id") in self._requests:
                self._replies[control["id"]] = control.get("result")
        elif operation == "bye":
            raise LinkLost(f"the broker says bye: {control.get('reason', '')}")
        # pong and unsubscribed ask for nothing; what a later protocol adds is passed over.

    def _begin(self, control: Dict[str, Any]) -> None:
        self.welcome = control
        self.heartbeat = max(100, read_number(control, "heartbeat_ms")) / 1000
        self._outbox.limits = Limits.read(control.get("limits"))
        self._attempts = 0
        self._gives_up_at = math.inf
        self._was_connected = True
        self._next_ping = time.monotonic() + self.heartbeat
        self.is_connected = True
        self._charge(0)
        log.info("welcomed%s", fields(broker=control.get("broker"), identity=self.connection.identity))
        last, journal = read_sequence(control.get("last"), "last"), control.get("journal")
        for subscription in list(self._subscriptions.values()):
            try:
                subscription.read_on(journal, last)
            except JournalReplaced as error:
                subscription.fail(error)
            else:
                self.command(subscription.command())
        for command in list(self._requests.values()):
            self.command(command)

    def _refused(self, control: Dict[str, Any]) -> None:
        refusal = Refusal.read(control)
        command, number = control.get("for"), read_number(control, "number")
        if refusal.code == NO_SESSION:
            raise LinkLost("the broker knows no session of ours")
        if refusal.code == UNAUTHENTICATED and not self._was_connected:
            # The broker's registry may be about to learn the key.
            raise LinkLost(str(refusal), is_refused=True)
        if refusal.is_fatal:
            if refusal.is_retriable:
                raise LinkLost(f"the broker ended the session: {refusal}", retry_after=refusal.retry_after)
            self._drop()
            raise refusal
        if command == "publish" and number >= 0:
            size = self._outbox.size_in_flight(number)
            if self._outbox.failed(number, refusal):
                log.warning("a batch has to wait%s", fields(error=refusal))
                self._held_until = max(self._held_until, time.monotonic() + 0.25)
            else:
                self._charge(4 + size // 1024)
        elif command == "subscribe" and number in self._subscriptions:
            self._subscriptions[number].fail(refusal)
        elif command == "request" and number in self._requests:
            self._replies[number] = refusal
        elif command == "hello" and refusal.is_retriable:
            raise LinkLost(f"not welcomed: {refusal}", retry_after=refusal.retry_after)
        elif command == "hello" or command is None:
            # Either we may not be here, or we sent what is no command at all: both stay so if we try again.
            self._drop()
            raise refusal
        else:
            log.warning("a command was refused%s", fields(command=command, number=number, error=refusal))

    def _charge(self, points: int) -> None:
        now = time.monotonic()
        self._pace.charge(points, now, self._outbox.limits)
        until = self._pace.until(self._outbox.limits)
        if until > max(now, self._held_until):
            if not self._held_until:
                log.warning("so many events are refused that the others wait%s", fields(wait_ms=int((until - now) * 1000)))
            self._held_until = until

    # Losing

    def _lose(self, reason: LinkLost) -> None:
        was_connected = self.is_connected
        self._drop()
        if was_connected or reason.retry_after > 0:
            self._be_patient(reason.retry_after)
        # Half of the wait is chance, so that a broker that comes back is not stormed.
        pause = reason.retry_after + min(5.0, 0.1 * 2 ** min(self._attempts, 20)) * random.uniform(0.5, 1.0)
        self._attempts += 1
        self._was_refused = reason.is_refused
        self._next_attempt = time.monotonic() + pause
        if was_connected:
            log.warning("connection lost; connecting again%s", fields(reason=reason))
        else:
            # The first attempts fail as a rule when both sides start together.
            is_news = self._attempts == 5 or self._attempts % 50 == 0
            log.log(
                logging.WARNING if is_news else logging.DEBUG, "broker not reached yet%s",
                fields(endpoint=self.connection.endpoint, attempts=self._attempts, reason=reason))

    def _be_patient(self, pause: float) -> None:
        """From now on, and after a pause that the broker asked for, its absence counts."""
        if self.connection.patience is not None:
            self._gives_up_at = time.monotonic() + pause + self.connection.patience

    def _drop(self) -> None:
        if self._link is not None:
            self._link.unregister(self._poller)
            self._link.close()
            self._link = None
        self.is_connected = False
        self._held_until = 0.0
        self._outbox.rewind()
        for subscription in self._subscriptions.values():
            subscription.lose()
