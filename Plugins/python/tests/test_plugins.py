"""The plugins as processes, started as a launcher starts them, killed and started again."""

import json
import signal
import subprocess
import sys

from damage.policy import read_policy
from damage_estimator import DamageEstimator
from tests.broker import WAIT, BrokerTest, until
from tests.samples import ROOT, detection, effect, incident, recorded, reference

HERE = ROOT / "Plugins" / "python"
SOURCE = "//jp.exercise/sensor"


class PluginTest(BrokerTest):
    def launch(self, name, program, **environment):
        log = open(self.broker.folder / f"{name}.log", "ab")
        self.addCleanup(log.close)
        process = subprocess.Popen(
            [sys.executable, str(HERE / program)], env=self.broker.environment(name, **environment), stderr=log,
            stdin=subprocess.DEVNULL, stdout=log, cwd=str(self.broker.folder))

        def end():
            if process.poll() is None:
                process.kill()
                process.wait()

        self.addCleanup(end)
        return process

    def log(self, name):
        path = self.broker.folder / f"{name}.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def connected(self, name):
        if not hasattr(self, "_operator"):
            self._operator = self.client("operator")
        plugins = self._operator.request("status")["plugins"]
        return any(plugin["name"].endswith(f"/{name}") and plugin["state"] == "connected" for plugin in plugins)

    def ended(self, process):
        process.send_signal(signal.SIGTERM)
        return process.wait(WAIT)


class Estimator(PluginTest):
    NAME = "damage-bounds"

    def story(self, revisions):
        """Reports and revisions of an incident, in the order in which they are published."""
        events, refs = [], []
        for revision in range(1, revisions + 1):
            if revision % 3 == 0:
                report = effect(f"EXERCISE-{revision}", source=SOURCE, users_affected={"value": 9000 * revision})
                events.append(report)
                refs = (refs + [reference(report)])[-60:]
            events.append(incident(revision, refs, source=SOURCE))
        return events

    def expected(self, events):
        fold = DamageEstimator("//jp.exercise/damage", read_policy())
        return [text for number, event in enumerate(events) for text in fold.handle(recorded(number + 1, event))]

    def published(self):
        reader = self.client("reader")
        history = reader.subscribe(["casus.damage.v1"], start="earliest")
        found = []
        until(lambda: found.extend(history.take(0, most=10**6)) or history.is_caught_up, "history", lambda: reader.poll(0.05))
        reader.close()
        return found

    def settled(self, events):
        def done():
            state = self.state(self.NAME)
            return state.get("acked") == len(events) and state["pending"] == 0
        until(done, f"the estimator has acknowledged all {len(events)} events: {self.log('damage')[-2000:]}")

    def test_every_revision_is_assessed_under_the_identity_that_the_launcher_gave(self):
        process = self.launch("damage", "damage_estimator.py")
        events = self.story(12)
        self.client("sensor").publish(events)
        self.settled(events)
        found = self.published()
        self.assertEqual([event.bytes for event in found], self.expected(events))
        self.assertEqual({event.sender for event in found}, {"jp.exercise/damage"})
        self.assertTrue(all(event.is_exercise and event.tlp == "AMBER" for event in found))
        self.assertEqual(self.ended(process), 0)
        self.assertNotIn("ERROR", self.log("damage"))

    def test_kills_of_plugin_and_broker_neither_lose_nor_repeat_an_assessment(self):
        sensor = self.client("sensor")
        events = self.story(60)
        for round in range(4):
            process = self.launch("damage", "damage_estimator.py")
            sensor.publish(events[round * 20 : round * 20 + 10])
            until(lambda: self.state(self.NAME).get("matched", 0) > round * 15, "the round has begun")
            sensor.publish(events[round * 20 + 10 : round * 20 + 20])
            process.kill()
            process.wait()
            if round % 2:
                self.broker.kill()
                self.broker.start()
        process = self.launch("damage", "damage_estimator.py")
        until(lambda: self.connected("damage"), "the estimator is back")
        until(lambda: self.state(self.NAME).get("pending") == 0 and self.state(self.NAME).get("lag") == 0, "settled")
        found = self.published()
        self.assertEqual([event.bytes for event in found], self.expected(events))
        self.assertEqual(self.ended(process), 0)
        self.assertNotIn("ERROR", self.log("damage"))

    def test_the_broker_is_killed_under_a_running_estimator(self):
        sensor = self.client("sensor")
        process = self.launch("damage", "damage_estimator.py")
        events = self.story(30)
        for round in range(4):
            sensor.publish(events[round * 10 : round * 10 + 10])
            self.broker.kill()
            self.broker.start()
        until(lambda: self.connected("damage"), "the estimator is back")
        until(lambda: len(self.published()) == 30, "30 assessments", lambda: None)
        self.assertEqual([event.bytes for event in self.published()], self.expected(events))
        self.assertEqual(self.ended(process), 0)

    def test_a_policy_that_is_missing_or_wrong_ends_it_with_a_line_and_its_code(self):
        settings, policy = self.broker.folder / "settings.json", self.broker.folder / "policy.json"
        settings.write_text(json.dumps({"policy": str(policy)}), encoding="utf-8")
        for code, line in ((66, "ERROR the damage policy cannot be read"), (78, "is not a damage policy")):
            process = self.launch("damage", "damage_estimator.py", CASUS_SETTINGS=str(settings))
            self.assertEqual(process.wait(WAIT), code)
            self.assertIn(line, self.log("damage"))
            policy.write_text("{}", encoding="utf-8")


class Example(PluginTest):
    def test_it_counts_and_ends_on_sigterm(self):
        sensor = self.client("sensor")
        process = self.launch("reader", "example_counter.py")
        until(lambda: self.connected("reader"), "the example is connected")
        sensor.publish(detection(number, source=SOURCE) for number in range(200))
        until(lambda: "detections=200" in self.log("reader"), "200 are counted")
        self.assertEqual(self.ended(process), 0)
        self.assertIn("most=T0855:200", self.log("reader"))

    def test_without_a_launcher_it_says_what_is_missing(self):
        process = self.launch("reader", "example_counter.py", CASUS_BROKER="")
        self.assertEqual(process.wait(WAIT), 78)
        self.assertIn("ERROR not set: CASUS_BROKER", self.log("reader"))

    def test_a_broker_that_will_have_none_of_it_ends_it_with_code_77(self):
        process = self.launch("reader", "example_counter.py", CASUS_IDENTITY="jp.exercise/sensor")
        self.assertEqual(process.wait(WAIT), 77)
        self.assertIn("identity-mismatch", self.log("reader"))
