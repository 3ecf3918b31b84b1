"""One connection to a broker: a DEALER with CURVE and the monitor that tells what became of its handshake."""

from __future__ import annotations

from typing import Any, Dict, Iterator, Optional, Tuple

import zmq
from zmq.utils.monitor import parse_monitor_message

from .errors import ConfigurationError
from .frames import FrameError, decode_control, encode_control
from .settings import Connection

_ENDINGS = {
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "the broker refused this plugin's key",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "the handshake failed: is CASUS_BROKER_KEY that broker's key?",
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL:
        "the broker broke off the handshake: is CASUS_BROKER_KEY that broker's key? It also does so with a plugin that "
        "it has cut off for a while",
    zmq.EVENT_DISCONNECTED: "the connection was lost",
}
_WATCHED = sum(_ENDINGS)


class LinkLost(Exception):
    """The connection is of no use any more. `is_refused`: the broker is there and did not let this key in. `retry_after`:
    seconds for which it will not."""

    def __init__(self, reason: str, is_refused: bool = False, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.is_refused = is_refused
        self.retry_after = retry_after


class Link:
    """A socket for one session. It is never used again once it was lost: libzmq would connect anew by itself and
    send what was queued for the old session into a new one, and after a refused handshake it would not even try.

    Belongs to the thread that made it. `close` frees it; nothing is waited for, since only `published` counts.
    """

    def __init__(self, connection: Connection) -> None:
        self._socket = socket = zmq.Context.instance().socket(zmq.DEALER)
        self._monitor: Optional[zmq.Socket] = None
        try:
            socket.linger = 0
            # The protocol limits itself by window and credit. A mark in ZeroMQ would only make sends block.
            socket.sndhwm = 0
            socket.reconnect_ivl = 100
            socket.reconnect_ivl_max = 5000
            socket.set(zmq.HEARTBEAT_IVL, 2000)
            socket.set(zmq.HEARTBEAT_TIMEOUT, 6000)
            socket.maxmsgsize = 64 << 20
            socket.curve_serverkey = connection.broker_key
            socket.curve_publickey = connection.public_key
            socket.curve_secretkey = connection.secret_key
            self._monitor = socket.get_monitor_socket(_WATCHED)
            self._monitor.linger = 0
            socket.connect(connection.endpoint)
        except zmq.ZMQError as error:
            self.close()
            raise ConfigurationError(f"no connection to {connection.endpoint} can be made: {error}") from None

    def register(self, poller: zmq.Poller) -> None:
        poller.register(self._socket, zmq.POLLIN)
        poller.register(self._monitor, zmq.POLLIN)

    def unregister(self, poller: zmq.Poller) -> None:
        poller.unregister(self._socket)
        poller.unregister(self._monitor)

    def send(self, control: Dict[str, Any], batch: Optional[bytes] = None) -> None:
        try:
            self._socket.send(encode_control(control), zmq.NOBLOCK | (zmq.SNDMORE if batch is not None else 0))
            if batch is not None:
                self._socket.send(batch, zmq.NOBLOCK, copy=False)
        except zmq.ZMQError as error:
            raise LinkLost(f"nothing can be sent: {error}") from None

    def receive(self, most: int = 256) -> Iterator[Tuple[Dict[str, Any], Optional[memoryview]]]:
        """The messages that have arrived, at most so many. LinkLost when one does not keep the protocol."""
        for _ in range(most):
            try:
                frames = self._socket.recv_multipart(zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            except zmq.ZMQError as error:
                raise LinkLost(f"nothing can be received: {error}") from None
            if len(frames) > 2:
                raise LinkLost(f"the broker sent a message of {len(frames)} frames")
            try:
                control = decode_control(frames[0].bytes)
            except FrameError as error:
                raise LinkLost(f"the broker sent what is no message: {error}") from None
            yield control, frames[1].buffer if len(frames) == 2 else None

    def check(self) -> None:
        """LinkLost when the monitor knows of a refused handshake or an end of the connection. Never blocks."""
        while self._monitor is not None:
            try:
                news = parse_monitor_message(self._monitor.recv_multipart(zmq.NOBLOCK))
            except zmq.Again:
                return
            event = int(news["event"])
            if event in _ENDINGS:
                raise LinkLost(_ENDINGS[event], is_refused=event == zmq.EVENT_HANDSHAKE_FAILED_AUTH)

    def close(self) -> None:
        if self._monitor is not None:
            self._socket.disable_monitor()
            self._monitor.close()
            self._monitor = None
        self._socket.close()
