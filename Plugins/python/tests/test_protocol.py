"""PROTOCOL.md against a real broker, frame by frame."""

import hashlib
import json

from casus_client import Refusal
from casus_client.frames import pack_publish
from tests.broker import BrokerTest, RawClient, until
from tests.samples import effect, effect_data, reference

SOURCE = "//jp.exercise/sensor"
CREDIT = {"events": 100, "bytes": 1 << 20}


def changed(id, **members):
    event = json.loads(effect(id, source=SOURCE))
    event.update(members)
    return json.dumps({name: value for name, value in event.items() if value is not None}).encode()


class Commands(BrokerTest):
    def test_each_malformed_message_gets_its_own_code_and_the_session_goes_on(self):
        raw = self.raw("reader")
        subscribe = {"op": "subscribe", "sub": 1, "types": ["casus.>"], "credit": CREDIT}
        for control, batch, code, pointer in (
            (b"\xff", None, 101, ""), (b'{"op":"ping","op":"ping"}', None, 101, "/op"), (b"[]", None, 101, None),
            ({}, None, 101, "/op"), ({"op": "nonsense"}, None, 102, "/op"), ({"op": "welcome"}, None, 102, "/op"),
            ({"op": "ping", "state": "fine"}, None, 101, "/state"), ({"op": "ping"}, b"x", 100, None),
            ({"op": "publish", "batch": 1, "count": 1}, None, 103, None),
            ({"op": "publish", "batch": 1, "count": 1}, b"\x09\0\0\0abc", 103, None),
            ({"op": "publish", "batch": 1, "count": 1}, b"\x03\0\0\0abcd", 103, None),
            ({"op": "publish", "batch": 1, "count": 2}, b"\x03\0\0\0abc", 103, None),
            ({"op": "publish", "batch": 1, "count": 1, "replay": True}, b"\x03\0\0\0abc", 205, "/replay"),
            ({"op": "publish", "batch": 1, "count": 1025}, pack_publish([b"{}"] * 1025), 106, None),
            ({"op": "subscribe", "sub": 1, "types": ["casus.>"]}, None, 101, "/credit"),
            ({**subscribe, "types": []}, None, 401, "/types"), ({**subscribe, "types": ["a..b"]}, None, 401, "/types/0"),
            ({**subscribe, "types": ["casus.case.v1", "secret.>"]}, None, 206, "/types/1"),
            ({**subscribe, "senders": ["nobody"]}, None, 401, "/senders/0"),
            ({**subscribe, "name": "two words"}, None, 101, "/name"),
            ({**subscribe, "from": "sequence", "sequence": 5}, None, 101, "/sequence"),
            ({**subscribe, "from": "sequence", "sequence": "0"}, None, 404, "/sequence"),
            ({**subscribe, "from": "time", "time": "today"}, None, 101, "/time"),
            ({"op": "ack", "sub": 9, "through": "1"}, None, 400, "/sub"),
            ({"op": "nack", "sub": 9, "sequences": ["1"]}, None, 400, "/sub"),
            ({"op": "credit", "sub": 9, "events": 1, "bytes": 1}, None, 400, "/sub"),
            ({"op": "unsubscribe", "sub": 9}, None, 400, "/sub"),
            ({"op": "request", "id": 4, "what": "gossip"}, None, 405, "/what"),
            ({"op": "request", "id": 4, "what": "schema", "parameters": {"type": "no"}}, None, 302, "/parameters/type"),
        ):
            with self.subTest(control=control):
                answer = raw.ask(control, batch)
                self.assertEqual((answer["op"], answer["code"]), ("error", code), answer)
                self.assertIsNot(answer.get("fatal"), True)
                if pointer is not None:
                    self.assertEqual(answer.get("pointer"), pointer)
                number = next((control[name] for name in ("sub", "batch", "id") if name in control), None) if isinstance(
                    control, dict) else None
                if "number" in answer:
                    self.assertEqual((answer["number"], answer["for"]), (number, control["op"]))
        raw.socket.send_multipart([b'{"op":"ping"}', b"x", b"y"])
        self.assertEqual(raw.receive()["code"], 100)
        self.assertEqual(raw.ask({"op": "ping", "state": "ok"})["op"], "pong")

    def test_a_command_that_cannot_be_read_is_named_as_far_as_it_can(self):
        raw = self.raw("reader")
        for control, command, number in (
            ({"op": "subscribe", "sub": 7}, "subscribe", 7), ({"op": "ack", "sub": 8, "through": 5}, "ack", 8),
            ({"op": "publish", "batch": 9}, "publish", 9), ({"op": "request", "id": 10}, "request", 10),
            ({"op": "ping", "state": "fine"}, "ping", None), ({"op": "subscribe", "sub": "one"}, "subscribe", None),
            ({}, None, None), ({"op": "nonsense", "sub": 1}, None, None), (b"[", None, None),
        ):
            with self.subTest(control=control):
                answer = raw.ask(control)
                self.assertEqual((answer["op"], answer.get("for"), answer.get("number")), ("error", command, number))

    def test_nothing_goes_before_hello_and_hello_has_to_be_true(self):
        raw = self.raw("reader", hello=False)
        self.assertEqual(raw.ask({"op": "ping", "state": "ok"})["code"], 104)
        self.assertEqual(raw.hello(identity="jp.exercise/sensor")["code"], 201)
        self.assertEqual(raw.hello(protocol=[2, 3])["code"], 105)
        self.assertEqual(raw.hello(manifest={})["code"], 101)
        welcome = raw.hello(protocol=[1, 7])
        self.assertEqual((welcome["op"], welcome["protocol"], welcome["identity"]), ("welcome", 1, "jp.exercise/reader"))
        for limit in ("event_bytes", "batch_bytes", "batch_events", "window_bytes", "credit_bytes"):
            self.assertGreater(welcome["limits"][limit], 0)
        raw.send({"op": "bye", "reason": "done"})
        self.assertEqual(raw.ask({"op": "ping", "state": "ok"})["code"], 104)

    def test_a_second_hello_with_the_same_key_ends_the_first_session(self):
        first, second = self.raw("reader"), self.raw("reader")
        ended = first.receive()
        self.assertEqual((ended["code"], ended["fatal"]), (207, True))
        self.assertEqual(first.ask({"op": "ping", "state": "ok"})["code"], 104)
        self.assertEqual(second.ask({"op": "ping", "state": "ok"})["op"], "pong")

    def test_a_key_taken_out_of_the_registry_is_cut_off(self):
        raw = self.raw("reader")
        del self.broker.plugins["reader"]
        self.broker.write_registry()
        ended = raw.receive()
        self.assertEqual((ended["code"], ended["fatal"]), (202, True))
        self.assertEqual(raw.ask({"op": "ping", "state": "ok"})["code"], 200)
        late = RawClient(self.broker_connection("reader"))
        self.addCleanup(late.close)
        late.send({"op": "hello"})
        self.assertIsNone(late.receive(0.5))

    def broker_connection(self, name):
        return self.broker.connection(name)


class Publishing(BrokerTest):
    def test_every_event_of_a_batch_has_its_own_fate(self):
        raw = self.raw("sensor")
        known = effect("EXERCISE-1", source=SOURCE)
        self.assertEqual(raw.publish(1, known)["accepted"], 1)
        events = [
            effect("EXERCISE-2", source=SOURCE),
            known,
            effect("EXERCISE-1", source=SOURCE, tlp="RED"),
            b'{"a":1,"a":2}',
            effect("EXERCISE-3", source="//jp.exercise/other"),
            changed("EXERCISE-4", type="casus.unheard-of.v1", dataschema=None),
            changed("EXERCISE-5", type="casus.damage.v1", dataschema=None),
            changed("EXERCISE-6", time="yesterday"),
            changed("EXERCISE-7", data={**effect_data(), "cause": "magic"}),
            effect("EXERCISE-8", source=SOURCE, summary="x" * 70000),
            effect("EXERCISE-9", source=SOURCE),
        ]
        answer = raw.publish(2, *events)
        self.assertEqual((answer["op"], answer["batch"], answer["durability"]), ("published", 2, "disk"))
        self.assertEqual(answer["accepted"], 2)
        first = int(answer["first"])
        self.assertEqual([entry["index"] for entry in answer["duplicates"]], [1])
        self.assertLess(int(answer["duplicates"][0]["sequence"]), first)
        refused = {entry["index"]: entry for entry in answer["refused"]}
        self.assertEqual({index: entry["code"] for index, entry in refused.items()},
                         {2: 305, 3: 300, 4: 204, 5: 302, 6: 203, 7: 301, 8: 303, 9: 304})
        self.assertEqual({index: refused[index]["pointer"] for index in (2, 4, 5, 7, 8)},
                         {2: "/id", 4: "/source", 5: "/type", 7: "/time", 8: "/data/cause"})
        self.assertEqual(refused[8]["schema"], "urn:casus:schema:casus.effect.v1")
        self.assertTrue(refused[8]["schema_pointer"])

    def test_an_exercise_needs_the_role(self):
        self.broker.plugins["sensor"] = ([], ["casus.effect.v1"], [])
        self.broker.write_registry()
        self.broker.kill()
        self.broker.start()
        answer = self.raw("sensor").publish(1, effect("EXERCISE-1", source=SOURCE))
        self.assertEqual([(entry["index"], entry["code"]) for entry in answer["refused"]], [(0, 205)])

    def test_a_replay_keeps_foreign_sources_and_is_stamped(self):
        operator = self.raw("operator")
        foreign = effect("EXERCISE-1", source="//us.exercise/outage", exercise=False)
        self.assertEqual(operator.publish(1, foreign, replay=True)["accepted"], 1)
        reader = self.raw("reader")
        reader.send({"op": "subscribe", "sub": 1, "types": ["casus.effect.v1"], "from": "earliest", "credit": CREDIT})
        self.assertEqual(reader.receive()["op"], "subscribed")
        event = reader.receive()["events"][0]
        self.assertEqual((event.bytes, event.sender, event.is_replayed), (foreign, "jp.exercise/operator", True))

    def test_what_rests_on_marked_events_is_marked_or_refused(self):
        foreign = effect("EXERCISE-1", source="//us.exercise/outage", exercise=False)
        drill = effect("EXERCISE-2", source="//us.exercise/outage")
        self.assertEqual(self.raw("operator").publish(1, foreign, drill, replay=True)["accepted"], 2)
        sensor = self.raw("sensor")
        refused, = sensor.publish(
            1, effect("EXERCISE-3", source=SOURCE, exercise=False, refs=[reference(drill)]))["refused"]
        self.assertEqual((refused["code"], refused["pointer"]), (306, "/data/refs/0"))
        derived = effect("EXERCISE-4", source=SOURCE, exercise=False, refs=[reference(foreign)])
        self.assertEqual(sensor.publish(2, derived)["accepted"], 1)
        reader = self.raw("reader")
        reader.send({"op": "subscribe", "sub": 1, "types": ["casus.effect.v1"], "from": "earliest", "credit": CREDIT})
        self.assertEqual(reader.receive()["op"], "subscribed")
        events = []
        while len(events) < 3:
            events += reader.receive()["events"]
        self.assertEqual((events[2].bytes, events[2].descends, events[2].is_exercise), (derived, True, False))

    def test_a_client_passes_the_marks_on(self):
        foreign = effect("EXERCISE-1", source="//us.exercise/outage", exercise=False)
        drill = effect("EXERCISE-2", source="//us.exercise/outage")
        self.assertEqual(self.raw("operator").publish(1, foreign, drill, replay=True)["accepted"], 2)
        damage = self.client("damage")
        events = damage.subscribe(["casus.effect.v1"], start="earliest")
        read = []
        until(lambda: read.extend(events.take(0)) or len(read) == 2, "both effects", lambda: damage.poll(0.05))
        refs = [event.reference for event in read]
        texts = [effect(f"EXERCISE-out-{number}", source=damage.source, exercise=False, refs=refs[number:])
                 for number in (1, 0)]
        plain = effect("EXERCISE-plain", source=damage.source, exercise=False)
        self.broker.plugins["damage"] = (["exercise"], ["casus.effect.v1"], ["casus.effect.v1"])
        self.broker.write_registry()
        until(lambda: damage.publish([plain])[0].__class__.__name__ == "Accepted", "the right to publish")
        self.assertEqual([outcome.__class__.__name__ for outcome in damage.publish(texts)], ["Accepted", "Accepted"])
        reader = self.client("reader")
        history = reader.subscribe(["casus.effect.v1"], start="earliest")
        found = []
        until(lambda: found.extend(history.take(0)) or history.is_caught_up, "history", lambda: reader.poll(0.05))
        marks = {event.id: (event.is_exercise, event.descends) for event in found if event.source == damage.source}
        # The one that names nothing is taken to rest on what its publisher has read.
        self.assertEqual(marks, {"EXERCISE-plain": (False, True), "EXERCISE-out-1": (True, True),
                                 "EXERCISE-out-0": (True, True)})

    def test_only_its_publisher_takes_an_event_back(self):
        first = effect("EXERCISE-1", source=SOURCE)
        self.assertEqual(self.raw("sensor").publish(1, first)["accepted"], 1)
        self.broker.plugins["damage"] = (["exercise"], ["casus.effect.v1"], [])
        self.broker.write_registry()
        other = self.raw("damage")
        undo = effect("EXERCISE-2", source="//jp.exercise/damage", supersedes=reference(first), withdrawal="EXERCISE")
        numbers = iter(range(1, 1000))
        answer = [None]

        def refused():
            answer[0] = other.publish(next(numbers), undo)["refused"][0]
            return answer[0]["code"] != 203

        until(refused, "the right to publish")
        self.assertEqual((answer[0]["code"], answer[0]["pointer"]), (211, "/data/supersedes"))

    def test_more_than_the_window_is_refused_as_a_whole_batch(self):
        raw = self.raw("sensor")
        event = effect("EXERCISE-window", source=SOURCE, summary="x" * 3900)
        batches = 60
        for number in range(batches):
            raw.send({"op": "publish", "batch": number, "count": 55}, pack_publish([event] * 55))
        answers = [raw.receive() for _ in range(batches)]
        refused = [answer["number"] for answer in answers if answer["op"] == "error"]
        self.assertEqual({answer["code"] for answer in answers if answer["op"] == "error"} - {107}, set())
        published = [answer["batch"] for answer in answers if answer["op"] == "published"]
        self.assertEqual(sorted(refused + published), list(range(batches)))


class Delivering(BrokerTest):
    def subscribed(self, raw, **members):
        answer = raw.ask({"op": "subscribe", "sub": 1, "types": ["casus.effect.v1"], "from": "earliest",
                          "credit": CREDIT, **members})
        self.assertEqual(answer["op"], "subscribed", answer)
        return answer

    def published(self, *ids):
        raw = self.raw("sensor")
        answer = raw.publish(1, *(effect(id, source=SOURCE) for id in ids))
        self.assertEqual(answer["accepted"], len(ids))
        return int(answer["first"])

    def test_delivery_stops_when_either_credit_is_spent(self):
        first = self.published("EXERCISE-1", "EXERCISE-2", "EXERCISE-3", "EXERCISE-4")
        raw = self.raw("reader")
        self.subscribed(raw, credit={"events": 2, "bytes": 1 << 20}, progress=True)
        message = raw.receive()
        self.assertEqual([event.sequence for event in message["events"]], [first, first + 1])
        self.assertEqual(message["through"], str(first + 1))
        raw.send({"op": "credit", "sub": 1, "events": 5, "bytes": 0})
        message = raw.receive()
        self.assertEqual([event.sequence for event in message["events"]], [first + 2, first + 3])
        self.assertEqual(raw.receive()["op"], "progress")
        small = self.raw("operator")
        self.subscribed(small, credit={"events": 5, "bytes": 1})
        self.assertEqual(small.receive()["count"], 1)
        self.assertIsNone(small.receive(0.3))

    def test_starts_are_a_sequence_or_a_time_and_senders_filter(self):
        first = self.published("EXERCISE-1", "EXERCISE-2")
        raw = self.raw("reader")
        self.subscribed(raw, **{"from": "sequence", "sequence": str(first + 1)})
        self.assertEqual([event.sequence for event in raw.receive()["events"]], [first + 1])
        self.subscribed(raw, sub=2, **{"from": "time", "time": "2020-01-01T00:00:00+09:00"})
        self.assertEqual(raw.receive()["count"], 2)
        later = self.subscribed(raw, sub=3, **{"from": "time", "time": "2199-01-01T00:00:00Z"})
        self.assertEqual(int(later["next"]), int(later["last"]) + 1)
        self.subscribed(raw, sub=4, senders=["us.exercise/*"], progress=True)
        self.assertEqual(raw.receive()["op"], "progress")
        self.subscribed(raw, sub=5, senders=["jp.exercise/*"])
        self.assertEqual(raw.receive()["count"], 2)

    def test_a_nack_brings_the_event_again_and_then_quarantine(self):
        operator = self.raw("operator")
        self.assertEqual(operator.ask({"op": "subscribe", "sub": 7, "types": ["casus.bus.quarantined.v1"],
                                       "from": "earliest", "credit": CREDIT})["op"], "subscribed")
        raw = self.raw("reader")
        self.subscribed(raw, name="durable", max_attempts=2)
        sequence = self.published("EXERCISE-1")
        self.assertFalse(raw.receive()["events"][0].is_redelivered)
        nack = {"op": "nack", "sub": 1, "sequences": [str(sequence)], "delay_ms": 1, "reason": "EXERCISE"}
        raw.send(nack)
        again = raw.receive()["events"][0]
        self.assertEqual((again.sequence, again.is_redelivered), (sequence, True))
        raw.send(nack)
        told = operator.receive()["events"][0]
        self.assertEqual((told.data["sequence"], told.data["attempts"]), (str(sequence), 2))
        self.assertEqual(told.sender, "casus/broker")

    def test_quarantine_comes_a_page_at_a_time(self):
        operator = self.raw("operator")
        raw = self.raw("reader")
        self.subscribed(raw, name="durable", max_attempts=1)
        first = self.published("EXERCISE-1", "EXERCISE-2", "EXERCISE-3")
        self.assertEqual(raw.receive()["count"], 3)
        raw.send({"op": "nack", "sub": 1, "sequences": [str(first + place) for place in range(3)], "reason": "no"})
        self.assertEqual(self.state("durable")["quarantined"], 3)
        pages = []
        parameters = {"action": "list", "limit": "2"}
        while not pages or "next" in pages[-1]:
            pages.append(operator.ask({"op": "request", "id": 1, "what": "quarantine", "parameters": parameters})["result"])
            parameters["after"] = pages[-1].get("next", "")
        self.assertEqual([(page["count"], page["left"]) for page in pages], [(2, 1), (1, 0)])
        events = [event for page in pages for event in page["events"]]
        self.assertEqual([int(event["sequence"]) for event in events], [first, first + 1, first + 2])
        refused = operator.ask({"op": "request", "id": 2, "what": "quarantine", "parameters": {"limit": "0"}})
        self.assertEqual((refused["code"], refused["pointer"]), (101, "/parameters/limit"))

    def test_through_leaves_out_what_waits_to_be_sent_again_and_also_does_not(self):
        raw = self.raw("reader")
        self.subscribed(raw, name="durable")
        first = self.published("EXERCISE-1", "EXERCISE-2", "EXERCISE-3", "EXERCISE-4")
        self.assertEqual(raw.receive()["count"], 4)
        raw.send({"op": "nack", "sub": 1, "sequences": [str(first)], "delay_ms": 60000, "reason": ""})
        raw.send({"op": "ack", "sub": 1, "through": str(first + 1)})
        state = self.state("durable")
        self.assertEqual((state["acked"], state["pending"]), (1, 3))
        raw.send({"op": "ack", "sub": 1, "also": [str(first)]})
        self.assertEqual(self.state("durable")["acked"], 2)
        # In a new session all that was not acknowledged waits to be sent again; without credit it goes on waiting.
        raw = self.raw("reader")
        self.subscribed(raw, name="durable", credit={"events": 0, "bytes": 0})
        raw.send({"op": "ack", "sub": 1, "through": str(first + 3)})
        self.assertEqual(self.state("durable")["acked"], 2)
        raw.send({"op": "ack", "sub": 1, "also": [str(first + 2)]})
        self.assertEqual(self.state("durable")["acked"], 3)

    def test_a_new_session_gets_what_was_not_acknowledged_and_then_the_rest(self):
        raw = self.raw("reader")
        self.subscribed(raw, name="durable")
        first = self.published("EXERCISE-1", "EXERCISE-2", "EXERCISE-3")
        self.assertEqual(raw.receive()["count"], 3)
        raw.send({"op": "ack", "sub": 1, "through": str(first), "also": [str(first + 2)]})
        self.assertEqual(self.state("durable")["acked"], 2)
        raw = self.raw("reader")
        answer = self.subscribed(raw, name="durable", **{"from": "latest"})
        self.assertEqual((int(answer["acked"]), int(answer["next"]) > first + 2), (first, True))
        events = raw.receive()["events"]
        self.assertEqual([(event.sequence, event.is_redelivered) for event in events], [(first + 1, True)])
        raw.send({"op": "unsubscribe", "sub": 1, "forget": True})
        self.assertEqual(raw.receive()["op"], "unsubscribed")
        self.assertEqual(self.state("durable"), {})


class Asking(BrokerTest):
    def test_the_broker_tells_its_status_and_its_schemas(self):
        reader = self.client("reader")
        self.assertIn("casus.damage.v1", reader.request("schemas")["types"])
        schema = reader.request("schema", type="casus.damage.v1")
        self.assertEqual(json.loads(schema["schema"])["$id"], "urn:casus:schema:casus.damage.v1")
        self.assertEqual(hashlib.sha256(schema["schema"].encode()).hexdigest(), schema["sha256"])
        with self.assertRaises(Refusal) as caught:
            reader.request("status")
        self.assertEqual(caught.exception.name, "role-required")
        status = self.client("operator").request("status")
        self.assertEqual(status["broker"]["name"], "exercise")
        self.assertIn("jp.exercise/reader", [plugin["name"] for plugin in status["plugins"]])
