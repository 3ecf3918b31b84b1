"""The client against a broker that misbehaves, is busy, or goes away: a ROUTER that the test itself answers on."""

import json
import threading
import time
import unittest

import zmq

from casus_client import Accepted, Client, Connection, JournalReplaced
from casus_client.errors import TABLE
from casus_client.frames import DELIVER_HEADER, encode_control, pack_publish, unpack_publish
from tests.broker import until

WELCOME = {
    "op": "welcome", "protocol": 1, "broker": "exercise", "identity": "jp.x/a", "roles": [], "publish": [">"],
    "subscribe": [">"], "limits": {"event_bytes": 65536, "batch_bytes": 1000, "batch_events": 10, "window_bytes": 3024,
                                   "credit_bytes": 16777216, "faults_per_s": 20000, "faults_at_once": 100000},
    "heartbeat_ms": 60000, "journal": "5f", "first": "1", "last": "0",
}


class ScriptedBroker:
    """Knows every key, and says only what the test says."""

    def __init__(self):
        self.context = zmq.Context.instance()
        self.public, secret = zmq.curve_keypair()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.curve_server = True
        self.socket.curve_secretkey = secret
        port = self.socket.bind_to_random_port("tcp://127.0.0.1")
        mine = zmq.curve_keypair()
        self.connection = Connection(f"tcp://127.0.0.1:{port}", self.public, mine[0], mine[1], "jp.x/a")
        self.peer = None
        self.hellos = 0
        self.limits = {}
        self.changes = {}

    def receive(self):
        """The next command as (control, batch); None when there is none. A hello is answered by itself."""
        if not self.socket.poll(0):
            return None
        self.peer, control, *batch = self.socket.recv_multipart()
        control = json.loads(control)
        if control["op"] == "hello":
            self.hellos += 1
            self.say({**WELCOME, **self.changes, "limits": {**WELCOME["limits"], **self.limits}})
        return control, batch[0] if batch else None

    def say(self, control, batch=None):
        if not isinstance(control, bytes) and control["op"] == "error":
            control = {"retriable": TABLE[control["code"]]["retriable"], **control}
        frames = [self.peer, control if isinstance(control, bytes) else encode_control(control)]
        self.socket.send_multipart(frames if batch is None else frames + [batch])


class Misbehaviour(unittest.TestCase):
    def setUp(self):
        self.broker = ScriptedBroker()
        self.client = Client(self.broker.connection, "exercise-client")
        self.addCleanup(self.broker.socket.close)
        self.addCleanup(self.client.close, flush=0)
        self.expect("hello")
        until(lambda: self.client.is_connected, "welcome", self.turn)

    def turn(self):
        self.client.poll(0.01)

    def expect(self, operation):
        """The next command of that name; others are passed over."""
        found = []

        def arrived():
            message = self.broker.receive()
            if message is not None and message[0]["op"] == operation:
                found.append(message)
            return found

        return until(arrived, operation, self.turn)[0]

    def accept(self, message, first):
        control, batch = message
        self.broker.say({"op": "published", "batch": control["batch"], "durability": "disk", "first": str(first),
                         "accepted": control["count"]})
        return unpack_publish(batch, control["count"])

    def test_whatever_is_no_message_ends_the_session_and_a_new_one_begins(self):
        for number, (control, batch) in enumerate((
            (b"\xff", None), (b"[]", None), (b'{"op":"pong","op":"pong"}', None),
            ({"op": "published", "batch": 99, "accepted": 0, "durability": "disk"}, None),
            ({"op": "pong"}, b"\0\0"), ({"op": "bye", "reason": "EXERCISE"}, None),
            ({"op": "error", "code": 104, "name": "no-session"}, None),
            ({"op": "error", "code": 502, "name": "stopping", "fatal": True}, None),
        )):
            with self.subTest(control=control):
                if control == {"op": "pong"}:
                    self.broker.socket.send_multipart([self.broker.peer, b'{"op":"pong"}', b"x", b"y"])
                else:
                    self.broker.say(control, batch)
                self.client._attempts = 0  # The pause between attempts grows; here only that there is one counts.
                self.expect("hello")
                self.assertEqual(self.broker.hellos, number + 2)
                until(lambda: self.client.is_connected, "welcome", self.turn)

    def test_what_a_later_protocol_adds_is_passed_over(self):
        self.broker.say({"op": "weather", "forecast": "rain"})
        self.broker.say({"op": "pong", "last": "1", "mood": "good"})
        self.broker.say({"op": "deliver", "sub": 77, "count": 0, "senders": [], "through": "1"}, b"")
        ticket = self.client.send([b"{}"])
        self.accept(self.expect("publish"), 1)
        until(lambda: ticket.is_done, "published", self.turn)
        self.assertEqual(self.broker.hellos, 1)

    def test_a_delivery_that_does_not_hold_its_records_ends_the_session_and_nothing_of_it_is_read(self):
        subscription = self.subscribed("earliest")
        self.broker.say({"op": "deliver", "sub": subscription.number, "count": 2, "senders": ["jp.x/b"],
                         "through": "2"}, b"\0" * 25)
        control, _ = self.expect("subscribe")
        self.assertEqual((control["from"], control["sequence"]), ("sequence", "1"))
        self.assertEqual(subscription.take(0), [])

    def subscribed(self, start):
        """An ephemeral subscription that the scripted broker has confirmed. The client works in a thread meanwhile."""
        result = []
        thread = threading.Thread(target=lambda: result.append(self.client.subscribe(["casus.>"], start=start)))
        thread.start()
        message = until(self.subscribe_command, "subscribe")
        self.broker.say({"op": "subscribed", "sub": message["sub"], "next": "1", "last": "0"})
        thread.join()
        return result[0]

    def subscribe_command(self):
        message = self.broker.receive()
        return message[0] if message is not None and message[0]["op"] == "subscribe" else None

    def test_a_busy_broker_gets_the_batch_again_after_a_pause(self):
        ticket = self.client.send([b"{}"])
        control, _ = self.expect("publish")
        self.broker.say({"op": "error", "code": 503, "name": "busy", "for": "publish", "number": control["batch"]})
        begin = time.monotonic()
        self.accept(self.expect("publish"), 8)
        self.assertGreater(time.monotonic() - begin, 0.1)
        until(lambda: ticket.is_done, "published", self.turn)
        self.assertEqual(ticket.outcomes, [Accepted(8, False, "disk")])

    def test_who_is_refused_much_slows_down_before_the_broker_cuts_it_off(self):
        self.broker.limits = {"faults_per_s": 40, "faults_at_once": 20}
        self.broker.say({"op": "bye", "reason": "EXERCISE"})
        self.expect("hello")
        until(lambda: self.client.is_connected, "welcome", self.turn)
        ticket = self.client.send([b"x" * 300] * 60)
        begin = time.monotonic()
        while not ticket.is_done:
            control, _ = self.expect("publish")
            refused = [{"index": index, "code": 300, "name": "not-json"} for index in range(control["count"])]
            self.broker.say({"op": "published", "batch": control["batch"], "durability": "disk", "accepted": 0,
                             "refused": refused})
            for _ in range(3):
                self.turn()
        # Half of 20 at once, and the others at half of 40 a second, but for the batches that are out before an answer is in.
        self.assertGreater(time.monotonic() - begin, 1)
        self.assertEqual(self.broker.hellos, 2)

    def test_who_is_cut_off_comes_back_no_sooner_than_it_is_told(self):
        begin = time.monotonic()
        self.broker.say({"op": "error", "code": 108, "name": "flooding", "fatal": True, "retry_after_ms": 1200})
        self.expect("hello")
        self.assertGreater(time.monotonic() - begin, 1.1)

    def test_the_window_is_kept_and_filled_again(self):
        events = [bytes([65 + number]) * 300 for number in range(10)]
        ticket = self.client.send(events)
        first, second = self.expect("publish"), self.expect("publish")
        self.assertEqual((first[0]["count"], second[0]["count"]), (3, 3))
        for _ in range(5):
            self.turn()
        self.assertIsNone(self.broker.receive())
        got = self.accept(first, 1) + self.accept(second, 4)
        got += self.accept(self.expect("publish"), 7) + self.accept(self.expect("publish"), 10)
        until(lambda: ticket.is_done, "published", self.turn)
        self.assertEqual(got, events)

    def test_unacknowledged_events_are_sent_again_in_order_in_the_next_session(self):
        events = [b'{"n":%d}' % number for number in range(5)]
        ticket = self.client.send(events[:2])
        self.client.send(events[2:])
        self.expect("publish"), self.expect("publish")
        self.broker.say({"op": "bye", "reason": "EXERCISE"})
        self.expect("hello")
        self.assertEqual(self.accept(self.expect("publish"), 1), events)
        until(lambda: ticket.is_done, "published", self.turn)

    def test_a_broker_that_says_nothing_any_more_is_left(self):
        self.client.heartbeat = 0.05
        self.client._next_ping = 0.0
        self.expect("ping")
        self.expect("hello")
        self.assertEqual(self.broker.hellos, 2)

    def test_pings_carry_the_health_and_a_change_is_told_at_once(self):
        self.client.health("failing", "EXERCISE")
        control, _ = self.expect("ping")
        self.assertEqual((control["state"], control["text"]), ("failing", "EXERCISE"))

    def test_who_leaves_stays_until_the_broker_has_heard_the_bye(self):
        closing = threading.Thread(target=self.client.close)
        closing.start()
        self.turn = lambda: None
        self.expect("bye")
        # The answer to this one says that the bye arrived. Nobody waits in vain for it: a second is the most.
        self.expect("ping")
        self.broker.say({"op": "error", "code": 104, "name": "no-session", "message": "EXERCISE"})
        closing.join()

    def test_a_window_beyond_what_the_broker_lets_out_is_cut_to_it_and_filled_again(self):
        self.broker.limits = {"credit_bytes": 1000}
        self.broker.say({"op": "bye", "reason": "EXERCISE"})
        self.expect("hello")
        until(lambda: self.client.is_connected, "welcome", self.turn)
        subscription = self.subscribe()
        self.assertEqual(self.asked["credit"], {"events": 1024, "bytes": 1000})
        self.broker.say({"op": "deliver", "sub": subscription.number, "count": 1, "senders": ["jp.x/b"], "through": "1"},
                        DELIVER_HEADER.pack(1, 0, 0, 0, 600) + b"x" * 600)
        until(lambda: subscription.take(0), "the event", self.turn)
        control, _ = self.expect("credit")
        self.assertEqual((control["events"], control["bytes"]), (1, 600))

    def reads_on_in(self, journal, last):
        """A subscription that has read up to 500 of the journal 5f meets a journal."""
        subscription = self.subscribe()
        self.broker.say({"op": "progress", "sub": subscription.number, "through": "500"})
        until(lambda: subscription.through == 500, "progress", self.turn)
        self.broker.changes = {"journal": journal, "last": last}
        self.broker.say({"op": "bye", "reason": "EXERCISE"})
        self.expect("hello")
        until(lambda: subscription.error is not None, "the next welcome", self.turn)
        with self.assertRaises(JournalReplaced) as raised:
            subscription.next(timeout=0)
        return str(raised.exception)

    def test_another_journal_is_known_by_its_id_however_far_it_goes(self):
        self.assertIn("another journal", self.reads_on_in("6a", "1000"))

    def test_a_journal_that_ends_before_what_was_read_is_an_old_copy(self):
        self.assertIn("old copy", self.reads_on_in("5f", "3"))

    def test_what_begins_beyond_the_end_of_a_journal_is_waited_for_over_sessions(self):
        subscription = self.subscribe()
        subscription.begin({"next": "1000", "last": "500", "acked": "0"})
        subscription.progress({"through": "999"})
        subscription.read_on(self.client.welcome["journal"], 500)
        subscription.progress({"through": "1000"})
        with self.assertRaises(JournalReplaced):
            subscription.read_on(self.client.welcome["journal"], 500)

    def subscribe(self):
        """A subscription that the broker has confirmed."""
        asking = []
        thread = threading.Thread(target=lambda: asking.append(self.client.subscribe([">"])))
        thread.start()
        self.turn, turn = (lambda: None), self.turn
        self.asked, _ = self.expect("subscribe")
        self.broker.say({"op": "subscribed", "sub": self.asked["sub"], "next": "1", "last": "0"})
        thread.join()
        self.turn = turn
        return asking[0]

    def test_a_batch_frame_is_what_the_protocol_draws(self):
        self.client.send([b"ab"])
        self.assertEqual(self.expect("publish")[1], pack_publish([b"ab"]))


if __name__ == "__main__":
    unittest.main()
