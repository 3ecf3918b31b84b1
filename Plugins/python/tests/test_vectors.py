"""The vectors that the protocol's own types made: what each frame means and what has to be refused."""

import unittest

from casus_client import Client, Connection, Refusal, Window
from casus_client.acks import AckTracker
from casus_client.credit import CreditWindow
from casus_client.errors import TABLE
from casus_client.frames import (
    PUBLISH_OVERHEAD, FrameError, decode_control, encode_control, pack_publish, read_number, unpack_deliver, unpack_publish,
)
from casus_client.link import LinkLost
from casus_client.outbox import Limits
from casus_client.process import EXIT
from casus_client.session import WELCOME_WAIT
from casus_client.subscription import Request, Subscription
from tests.broker import BrokerTest
from tests.samples import SCHEMAS
from tests.vectors import ROOT, vectors


class Frames(unittest.TestCase):
    def test_each_control_frame_says_what_it_means(self):
        for name in ("commands.json", "replies.json"):
            for vector in vectors(name)["frames"]:
                with self.subTest(hex=vector["hex"]):
                    control = decode_control(bytes.fromhex(vector["hex"]))
                    self.assertEqual(control["op"], vector["op"])
                    self.agree(control, vector["means"])
                    self.assertEqual(decode_control(encode_control(control)), control)
                    for number in ("sub", "batch", "id"):
                        if number in vector["means"]:
                            self.assertEqual(read_number(control, number), vector["means"][number])

    def agree(self, control, means):
        """What a frame says is what it means; what it leaves out, and how it spells a time, is not compared."""
        for member in set(control) & set(means) - {"time"}:
            if isinstance(means[member], dict) and "op" in means:
                self.agree(control[member], means[member])
            else:
                self.assertEqual(control[member], means[member])

    def test_each_batch_holds_what_it_says(self):
        for vector in vectors("batches.json")["batches"]:
            frame, count = bytes.fromhex(vector["hex"]), vector["count"]
            with self.subTest(hex=vector["hex"], because=vector.get("because")):
                if "because" in vector:
                    with self.assertRaises(FrameError):
                        if vector["op"] == "publish":
                            unpack_publish(frame, count)
                        else:
                            unpack_deliver(frame, count, ["jp.x/a", "jp.x/b"])
                elif vector["op"] == "publish":
                    events = [event.encode() for event in vector["events"]]
                    self.assertEqual(unpack_publish(frame, count), events)
                    self.assertEqual(pack_publish(events), frame)
                else:
                    self.check(unpack_deliver(frame, count, vector["senders"]), vector["records"])

    def check(self, events, records):
        self.assertEqual(len(events), len(records))
        for event, record in zip(events, records):
            self.assertEqual((str(event.sequence), str(event.recorded), event.sender),
                             (record["sequence"], record["recorded"], record["sender"]))
            self.assertEqual((event.is_replayed, event.is_exercise, event.is_redelivered, event.descends),
                             (record["replayed"], record["exercise"], record["redelivered"], record["descends"]))
            self.assertEqual(event.bytes.decode(), record["event"])
            if "tlp" in record:
                self.assertEqual(event.tlp, record["tlp"])

    def test_a_malformed_reply_ends_the_session_or_is_passed_over_and_never_more(self):
        for vector in vectors("malformed-replies.json")["frames"]:
            client = Client(Connection("ipc:///nowhere", b"", b"", b"", "jp.x/a"), "exercise-client")
            self.addCleanup(client.close)
            subscription = Subscription(client, 1, Request([">"]))
            subscription.is_open = True
            client._subscriptions[1] = subscription
            client._outbox.add([b"{}"])
            client._outbox.next()
            frame = bytes.fromhex(vector["hex"])
            with self.subTest(because=vector["because"]):
                try:
                    client._handle(decode_control(frame), None)
                except (FrameError, LinkLost, Refusal):
                    continue
                self.assertNotEqual(vector["pointer"], "", "what is no object with an op passes")


class Tables(unittest.TestCase):
    def test_the_errors_and_the_exit_codes_are_the_projects(self):
        package = ROOT / "Plugins" / "python" / "casus_client"
        self.assertEqual((package / "errors.json").read_bytes(),
                         (ROOT / "Sources" / "CasusWire" / "errors.json").read_bytes())
        for schema in package.glob("*.schema.json"):
            self.assertEqual(schema.read_bytes(), (SCHEMAS / schema.name).read_bytes())
        self.assertEqual(TABLE[303]["name"], "schema")
        self.assertEqual((EXIT["configuration"], EXIT["not-permitted"], EXIT["unreachable"]), (78, 77, 69))

    def test_the_limits_are_told_under_these_names_with_these_standards(self):
        told = {limit["name"]: limit["standard"] for limit in vectors("limits.json")["limits"] if limit["told"]}
        for name, standard in Limits()._asdict().items():
            self.assertEqual(told[name], standard)
        self.assertEqual(Limits.read(told), Limits())
        for name in Limits._fields:
            with self.assertRaises(FrameError):
                Limits.read({**told, name: 0})

    def test_the_defaults_are_the_sdks(self):
        shared = vectors("defaults.json")
        request, window = Request([">"]), Window()
        mine = {
            "ack_wait_ms": request.ack_wait_ms, "max_attempts": request.max_attempts, "window_events": window.events,
            "window_bytes": window.bytes, "welcome_wait_s": WELCOME_WAIT, "named_in_one_ack": AckTracker.MAX_NAMED,
            "outbox_bytes": Client(Connection("ipc:///nowhere", b"", b"", b"", "jp.x/a"), "x").max_outbox_bytes,
            "publish_overhead_bytes": PUBLISH_OVERHEAD,
        }
        self.assertEqual(mine, shared)


class Credit(unittest.TestCase):
    def test_each_window_grants_what_the_sdks_does(self):
        for vector in vectors("credit.json")["windows"]:
            with self.subTest(name=vector["name"]):
                window = CreditWindow(Window(vector["events"], vector["bytes"]), vector["durable"], vector["held"])
                for number, step in enumerate(vector["steps"]):
                    self.assertEqual(self.granted(window, step), step.get("grant"), number)

    def granted(self, window, step):
        now = step.get("at_ms", 0) / 1000
        if step["do"] == "begin":
            grant = window.start_session(step["credit_bytes"], step["buffered_events"], step["buffered_bytes"], now)
        elif step["do"] == "consume":
            return window.consume(step["events"], step["bytes"])
        else:
            window.is_held = window.is_held and step["do"] != "release"
            grant = window.top_up(now)
        return grant and {"events": grant.events, "bytes": grant.bytes}


class MalformedCommands(BrokerTest):
    def test_each_is_refused_by_a_broker_with_its_code_and_place(self):
        raw = self.raw("sensor")
        for vector in vectors("malformed-commands.json")["frames"]:
            with self.subTest(because=vector["because"]):
                error = raw.ask(bytes.fromhex(vector["hex"]))
                self.assertEqual((error["op"], error["code"], error["name"], error.get("pointer")),
                                 ("error", vector["code"], vector["name"], vector["pointer"]))


if __name__ == "__main__":
    unittest.main()
