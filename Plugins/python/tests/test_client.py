"""The client against a real broker: what was acknowledged stays, whatever ends in between."""

import json

from casus_client import Accepted, Client, Refusal, Window
from tests.broker import BrokerTest, until
from tests.samples import effect, incident

SOURCE = "//jp.exercise/sensor"


def effects(first, count, **members):
    return [effect(f"EXERCISE-{number}", source=SOURCE, **members) for number in range(first, first + count)]


class Publishing(BrokerTest):
    def test_outcomes_come_in_the_order_of_the_events(self):
        sensor = self.client("sensor")
        known = effects(1, 1)[0]
        sensor.publish([known])
        outcomes = sensor.publish([*effects(2, 1), known, b"{", *effects(3, 1)])
        self.assertEqual([type(outcome) for outcome in outcomes], [Accepted, Accepted, Refusal, Accepted])
        self.assertEqual([outcome.is_duplicate for outcome in outcomes if isinstance(outcome, Accepted)],
                         [False, True, False])
        self.assertEqual((outcomes[2].name, outcomes[2].is_retriable), ("not-json", False))
        self.assertEqual(outcomes[3].sequence, outcomes[0].sequence + 1)

    def test_batches_keep_to_the_brokers_limits_however_much_is_handed_over(self):
        sensor = self.client("sensor")
        outcomes = sensor.publish(effects(1, 2500) + effects(5000, 300, summary="x" * 3900))
        self.assertEqual(sum(isinstance(outcome, Accepted) for outcome in outcomes), 2800)
        outcomes = sensor.publish([effect("EXERCISE-large", source=SOURCE, summary="x" * 300000), *effects(9000, 1)])
        self.assertEqual(outcomes[0].code, 304)
        self.assertIsInstance(outcomes[1], Accepted)

    def test_events_sent_while_the_broker_is_killed_are_all_kept_once(self):
        sensor = self.client("sensor")
        tickets = [sensor.send(effects(1, 500))]
        for round in range(4):
            tickets += [sensor.send(effects(1000 * (round + 1) + 200 * part, 200)) for part in range(5)]
            until(lambda: any(outcome for outcome in tickets[-5].outcomes), "the round begins", lambda: sensor.poll(0.05))
            self.broker.kill()
            self.broker.start()
        for ticket in tickets:
            until(lambda: ticket.is_done, "all is acknowledged", lambda: sensor.poll(0.05))
        outcomes = [outcome for ticket in tickets for outcome in ticket.outcomes]
        self.assertEqual([outcome for outcome in outcomes if not isinstance(outcome, Accepted)], [])
        sequences = [outcome.sequence for outcome in outcomes]
        self.assertEqual(len(set(sequences)), 4500)
        reader = self.client("reader")
        history = reader.subscribe(["casus.effect.v1"], start="earliest")
        found = []
        until(lambda: found.extend(history.take(0, most=10**6)) or history.is_caught_up, "the history is read",
              lambda: reader.poll(0.05))
        self.assertEqual(len(found), 4500)
        self.assertEqual(len({event.id for event in found}), 4500)
        self.assertEqual({event.sequence for event in found}, set(sequences))


class Welcomed(BrokerTest):
    def test_the_client_tells_its_clearance_from_the_first_welcome_on(self):
        self.broker.clearances = {"reader": "AMBER"}
        self.broker.write_registry()
        until(lambda: "the registry was read anew" in self.broker.log(), "the broker has the registry")
        reader = self.client("reader")
        until(lambda: reader.clearance, "the welcome", lambda: reader.poll(0.05))
        self.assertEqual(reader.clearance, "AMBER")
        sensor = self.client("sensor")
        until(lambda: sensor.clearance, "the welcome", lambda: sensor.poll(0.05))
        # Without a word in the registry everything may be read.
        self.assertEqual(sensor.clearance, "RED")


class Subscribing(BrokerTest):
    def read(self, client, subscription, count):
        found = []
        until(lambda: found.extend(subscription.take(0, most=10**6)) or len(found) >= count, f"{count} events",
              lambda: client.poll(0.05))
        return found

    def test_an_ephemeral_subscription_goes_on_without_a_gap_when_the_broker_was_killed(self):
        sensor, reader = self.client("sensor"), self.client("reader")
        subscription = reader.subscribe(["casus.effect.v1"], start="earliest")
        sensor.publish(effects(1, 10))
        first = self.read(reader, subscription, 10)
        self.broker.kill()
        self.broker.start()
        sensor.publish(effects(20, 10))
        second = self.read(reader, subscription, 10)
        self.assertEqual([event.data["report"] for event in first + second],
                         [f"EXERCISE-{number}" for number in [*range(1, 11), *range(20, 30)]])

    def half_acknowledged(self):
        """20 events delivered to a durable subscription, of which the first ten are acknowledged, and its client
        gone as if it had been killed."""
        self.client("sensor").publish(effects(1, 20))
        reader = self.client("reader")
        subscription = reader.subscribe(["casus.effect.v1"], name="durable", start="earliest", auto_ack=False)
        events = self.read(reader, subscription, 20)
        subscription.ack(*events[:10])
        until(lambda: self.state("durable").get("acked") == 10, "10 are acknowledged", lambda: reader.poll(0.05))
        reader._drop()
        return [f"EXERCISE-{number}" for number in range(11, 21)]

    def test_a_durable_subscription_gets_what_was_not_acknowledged_again_and_nothing_else(self):
        owed = self.half_acknowledged()
        reader = self.client("reader")
        subscription = reader.subscribe(["casus.effect.v1"], name="durable", auto_ack=False)
        self.client("sensor").publish(effects(50, 1))
        events = self.read(reader, subscription, 11)
        self.assertEqual([event.data["report"] for event in events], [*owed, "EXERCISE-50"])
        self.assertEqual([event.is_redelivered for event in events], [True] * 10 + [False])
        subscription.ack(*events)
        until(lambda: self.state("durable").get("pending") == 0, "all is acknowledged", lambda: reader.poll(0.05))
        self.assertEqual(self.state("durable")["acked"], 21)

    def test_a_durable_subscription_loses_nothing_when_the_broker_is_killed(self):
        owed = self.half_acknowledged()
        self.broker.kill()
        self.broker.start()
        self.client("sensor").publish(effects(50, 1))
        reader = self.client("reader")
        subscription = reader.subscribe(["casus.effect.v1"], name="durable", start="earliest", auto_ack=False)
        found = []
        until(lambda: found.extend(event.data["report"] for event in subscription.take(0, most=10**6)) or "EXERCISE-50" in found,
              "the newest event", lambda: reader.poll(0.05))
        # What had been acknowledged just before the kill may come again; what had not, has to.
        self.assertEqual([report for report in found if report in owed], owed)
        self.assertEqual(len(set(found)), len(found))

    def test_a_loop_acknowledges_what_its_body_finished_and_leaves_what_raised(self):
        self.client("sensor").publish(effects(1, 5))
        reader = self.client("reader")
        with self.assertRaises(ZeroDivisionError):
            for event in reader.subscribe(["casus.effect.v1"], name="durable", start="earliest"):
                if event.data["report"] == "EXERCISE-4":
                    raise ZeroDivisionError
        reader.close()
        self.assertEqual(self.state("durable")["acked"], 3)

    def test_a_refused_event_comes_again_until_it_is_handled(self):
        self.client("sensor").publish(effects(1, 3))
        reader = self.client("reader")
        seen = []
        subscription = reader.subscribe(["casus.effect.v1"], name="durable", start="earliest")
        for event in subscription:
            seen.append((event.data["report"], event.is_redelivered))
            if seen[-1] == ("EXERCISE-2", False):
                subscription.nack(event, delay=0.01, reason="EXERCISE")
            if len(seen) == 4:
                break
        self.assertEqual(seen, [("EXERCISE-1", False), ("EXERCISE-2", False), ("EXERCISE-3", False),
                                ("EXERCISE-2", True)])

    def test_a_small_window_is_refilled_as_it_is_read(self):
        self.client("sensor").publish(effects(1, 300))
        reader = self.client("reader")
        subscription = reader.subscribe(["casus.effect.v1"], start="earliest", window=Window(10, 6000))
        self.assertEqual(len(self.read(reader, subscription, 300)), 300)

    def test_a_subscription_that_is_not_permitted_is_refused_and_the_client_goes_on(self):
        sensor = self.client("sensor")
        with self.assertRaises(Refusal) as caught:
            sensor.subscribe(["casus.effect.v1"])
        self.assertEqual((caught.exception.code, caught.exception.pointer), (206, "/types/0"))
        self.assertEqual(len(sensor.publish(effects(1, 1))), 1)


class Sessions(BrokerTest):
    def test_a_key_that_is_registered_later_gets_in_with_a_new_socket(self):
        self.broker.make_key("late")
        late = self.broker.client("late")
        self.addCleanup(late.close, flush=0)
        with self.assertLogs("casus", "WARNING") as entries:
            until(lambda: any("refused this plugin's key" in line for line in entries.output), "the refusal is noticed",
                  lambda: late.poll(0.05))
        self.assertFalse(late.is_connected)
        self.broker.plugins["late"] = ([], [], ["casus.>"])
        self.broker.write_registry()
        until(lambda: late.is_connected, "the late plugin is welcomed", lambda: late.poll(0.05))

    def test_a_second_process_of_one_identity_ends_the_first(self):
        first = self.client("reader")
        self.client("reader")
        with self.assertRaises(Refusal) as caught:
            until(lambda: False, "the end", lambda: first.poll(0.05))
        self.assertEqual(caught.exception.name, "superseded")

    def test_a_wrong_identity_is_told_and_not_tried_again(self):
        connection = self.broker.connection("reader")._replace(identity="jp.exercise/sensor")
        client = Client(connection, "exercise-client")
        self.addCleanup(client.close, flush=0)
        with self.assertRaises(Refusal) as caught:
            client.connect(10)
        self.assertEqual(caught.exception.name, "identity-mismatch")

    def test_health_is_seen_in_the_status(self):
        reader = self.client("reader")
        reader.health("degraded", "EXERCISE")
        reader.poll(0)
        operator = self.client("operator")

        def told():
            plugins = operator.request("status")["plugins"]
            return [plugin.get("health") for plugin in plugins if plugin["name"].endswith("/reader")] == ["degraded"]

        until(told, "the broker knows", lambda: reader.poll(0.01))

    def test_permissions_that_grow_hold_at_once(self):
        sensor = self.client("sensor")
        event = incident(source=SOURCE)
        self.assertIsInstance(sensor.publish([event])[0], Accepted)
        other = json.loads(event)
        other.update(type="casus.damage.v1", dataschema="urn:casus:schema:casus.damage.v1")
        refused = sensor.publish([json.dumps(other).encode()])[0]
        self.assertEqual(refused.name, "type-not-permitted")
