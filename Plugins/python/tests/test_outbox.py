"""The outbox and the acknowledgements, without a socket."""

import unittest

from tests.vectors import vectors
from casus_client.acks import AckTracker, RecentlyDone
from casus_client.errors import Accepted, Refusal
from casus_client.frames import FrameError, unpack_publish
from casus_client.outbox import Limits, Outbox


def published(batch, accepted, first=None, **members):
    control = {"op": "published", "batch": batch, "durability": "disk", "accepted": accepted, **members}
    if first is not None:
        control["first"] = str(first)
    return control


class OutboxRules(unittest.TestCase):
    def test_every_event_gets_the_fate_that_published_names(self):
        outbox = Outbox()
        ticket = outbox.add([b"a", b"b", b"c", b"d"])
        control, frame = outbox.next()
        self.assertEqual(control, {"op": "publish", "batch": 1, "count": 4})
        self.assertEqual(unpack_publish(frame, 4), [b"a", b"b", b"c", b"d"])
        self.assertIsNone(outbox.next())
        outbox.published(published(
            1, 2, 10, duplicates=[{"index": 1, "sequence": "5"}],
            refused=[{"index": 2, "code": 303, "name": "schema", "pointer": "/data"}],
        ))
        self.assertTrue(ticket.is_done and outbox.is_empty)
        self.assertEqual(ticket.outcomes[0], Accepted(10, False, "disk"))
        self.assertEqual(ticket.outcomes[1], Accepted(5, True, "disk"))
        self.assertEqual((ticket.outcomes[2].code, ticket.outcomes[2].pointer), (303, "/data"))
        self.assertEqual(ticket.outcomes[3], Accepted(11, False, "disk"))

    def test_the_sequences_of_a_batch_that_was_judged_in_parts_count_on_from_each_jump(self):
        outbox = Outbox()
        ticket = outbox.add([b"a", b"b", b"c", b"d", b"e"])
        outbox.next()
        outbox.published(published(
            1, 4, 10, refused=[{"index": 3, "code": 303, "name": "schema", "pointer": "/data"}],
            jumps=[{"index": 1, "sequence": "20"}, {"index": 4, "sequence": "30"}],
        ))
        sequences = [outcome.sequence for outcome in ticket.outcomes if isinstance(outcome, Accepted)]
        self.assertEqual(sequences, [10, 20, 21, 30])

    def test_a_published_that_does_not_add_up_is_refused_and_nothing_is_lost(self):
        for control in (
            published(2, 2, 1), published(1, 1, 1), published(1, 3, 1), published(1, 2), published(1, 2, "x"),
            published(1, 1, 1, duplicates=[{"index": 2, "sequence": "1"}]),
            published(1, 0, None, duplicates=[{"index": 0, "sequence": "1"}, {"index": 0, "sequence": "1"}]),
            published("1", 2, 1), published(1, 1, 1, refused=["x"]), published(1, 1, 1, refused=[{"index": -1}]),
            published(1, 2, 1, jumps=[{"index": 2, "sequence": "9"}]), published(1, 2, 1, jumps=[{"sequence": "9"}]),
            published(1, 2, (1 << 64) - 1), published(1, 2, 8, jumps=[{"index": 1, "sequence": str((1 << 64) - 1)}]),
            published(1, 2, 8, jumps=[{"index": 1, "sequence": "9"}]),
            published(1, 2, 8, jumps=[{"index": 1, "sequence": "3"}]),
            published(1, 2, 1, jumps=[{"index": 1, "sequence": "9"}, {"index": 0, "sequence": "20"}]),
            published(1, 2, 1, jumps=[{"index": 1, "sequence": "9"}, {"index": 1, "sequence": "20"}]),
            published(1, 1, 1, refused=[{"index": 1, "code": 303}], jumps=[{"index": 1, "sequence": "9"}]),
            published(1, 0, refused=[{"index": 0, "code": 303}, {"index": 1, "code": 303}],
                      jumps=[{"index": 0, "sequence": "9"}]),
        ):
            with self.subTest(control=control):
                outbox = Outbox()
                ticket = outbox.add([b"a", b"b"])
                outbox.next()
                with self.assertRaises(FrameError):
                    outbox.published(control)
                self.assertFalse(ticket.is_done)
                outbox.rewind()
                self.assertEqual(unpack_publish(outbox.next()[1], 2), [b"a", b"b"])

    def test_batches_keep_to_the_limits_and_the_window(self):
        outbox = Outbox()
        outbox.limits = Limits(event_bytes=50, batch_bytes=30, batch_events=2, window_bytes=50 + 3 * 512)
        outbox.add([b"x" * 6] * 5)
        sizes = []
        while (batch := outbox.next()) is not None:
            sizes.append(len(batch[1]))
        self.assertEqual(sizes, [20, 20, 10])
        outbox.add([b"x" * 6])
        self.assertIsNone(outbox.next())
        outbox.published(published(1, 2, 1))
        self.assertEqual(outbox.next()[0], {"op": "publish", "batch": 4, "count": 1})

    def test_many_small_batches_count_for_more_than_their_bytes(self):
        outbox = Outbox()
        outbox.limits = Limits(event_bytes=50, batch_bytes=60, window_bytes=3_000)
        outbox.add_marked((b"x" * 6, place % 2 == 0) for place in range(20))
        sent = 0
        while outbox.next() is not None:
            sent += 1
        self.assertEqual(sent, 3_000 // (10 + 512))

    def test_one_alone_is_sent_however_small_the_window_is(self):
        outbox = Outbox()
        outbox.limits = Limits(event_bytes=50, batch_bytes=60, window_bytes=60)
        outbox.add([b"x" * 50, b"x" * 50])
        self.assertEqual(outbox.next()[0]["count"], 1)
        self.assertIsNone(outbox.next())

    def test_an_event_that_fits_in_no_batch_is_refused_here_and_blocks_nothing(self):
        outbox = Outbox()
        outbox.limits = Limits(batch_bytes=30)
        large, small = outbox.add([b"x" * 27]), outbox.add([b"x" * 26])
        self.assertEqual(outbox.next()[0]["count"], 1)
        self.assertEqual(large.outcomes[0].code, 304)
        self.assertFalse(small.is_done)

    def test_replays_and_other_events_never_share_a_batch(self):
        outbox = Outbox()
        outbox.add([b"a"])
        outbox.add([b"b"], replay=True)
        self.assertNotIn("replay", outbox.next()[0])
        self.assertTrue(outbox.next()[0]["replay"])

    def test_what_descends_from_replays_says_so_and_shares_no_batch_with_what_does_not(self):
        outbox = Outbox()
        outbox.add_marked([(b"a", False), (b"b", True), (b"c", True), (b"d", False)])
        controls = [outbox.next()[0] for _ in range(3)]
        self.assertEqual([(control["count"], control.get("descends")) for control in controls],
                         [(1, None), (2, True), (1, None)])
        self.assertIsNone(outbox.next())

    def test_what_was_in_flight_goes_again_in_its_order_after_a_lost_session(self):
        outbox = Outbox()
        outbox.limits = Limits(batch_events=2)
        ticket = outbox.add([b"a", b"b", b"c"])
        outbox.next(), outbox.next()
        outbox.add([b"d"])
        outbox.rewind()
        outbox.limits = Limits(batch_events=10)
        control, frame = outbox.next()
        self.assertEqual(unpack_publish(frame, 4), [b"a", b"b", b"c", b"d"])
        outbox.published(published(control["batch"], 4, 1))
        self.assertTrue(ticket.is_done and outbox.is_empty)
        self.assertEqual(outbox.bytes, 0)

    def test_a_batch_refused_for_now_waits_and_one_refused_for_good_is_told(self):
        outbox = Outbox()
        ticket = outbox.add([b"a"])
        outbox.next()
        self.assertTrue(outbox.failed(1, Refusal(503, "busy")))
        self.assertEqual(outbox.next()[0]["batch"], 1)
        self.assertFalse(outbox.failed(1, Refusal(205, "role-required")))
        self.assertEqual(ticket.outcomes[0].code, 205)
        self.assertFalse(outbox.failed(1, Refusal(503, "busy")))

    def test_what_was_behind_a_batch_refused_for_now_goes_again_behind_it(self):
        outbox = Outbox()
        outbox.limits = Limits(batch_events=1)
        outbox.add([b"a", b"b", b"c"])
        for number in (1, 2, 3):
            self.assertEqual(outbox.next()[0]["batch"], number)
        outbox.published(published(1, 1, 1))
        self.assertTrue(outbox.failed(2, Refusal(503, "busy")))
        self.assertIsNone(outbox.next(), "the third is not answered yet")
        self.assertTrue(outbox.failed(3, Refusal(503, "busy")))
        outbox.add([b"d"])
        sent = [outbox.next() for _ in range(3)]
        self.assertEqual([control["batch"] for control, _ in sent], [2, 3, 4])
        self.assertEqual([unpack_publish(frame, 1) for _, frame in sent], [[b"b"], [b"c"], [b"d"]])


class Acknowledging(unittest.TestCase):
    def test_what_is_told_is_as_the_shared_stories_say(self):
        for story in vectors("acks.json")["stories"]:
            acks = AckTracker(int(story["acked"]), story.get("group", False))
            for place, step in enumerate(story["steps"], 1):
                with self.subTest(story=story["story"], step=place):
                    self.take(acks, step)

    def take(self, acks, step):
        if "deliver" in step:
            self.assertEqual(acks.deliver(int(step["deliver"]), step.get("again", False)), step["handed"])
        elif "done" in step:
            acks.settle(int(step["done"]))
        elif "refuse" in step:
            self.assertEqual(acks.refuse(int(step["refuse"])), step.get("taken", True))
        elif "session" in step:
            acks.start_session()
        else:
            self.assertEqual(told(acks.next(1)), told(step["ack"]))

    def test_an_ack_frame_names_a_bounded_number(self):
        acks = AckTracker(is_shared=True)
        for sequence in range(1, 3000):
            acks.deliver(sequence)
            acks.settle(sequence)
        named = [len(acks.next(1)["also"]) for _ in range(3)]
        self.assertEqual(named, [1024, 1024, 951])
        self.assertIsNone(acks.next(1))

    def test_only_the_latest_are_remembered(self):
        done = RecentlyDone()
        for sequence in range(3 * RecentlyDone.MOST):
            done.add(sequence)
        self.assertIn(2 * RecentlyDone.MOST, done)
        self.assertNotIn(0, done)


def told(ack):
    """What an ack says, whatever the order of the names."""
    return ack and (ack.get("through"), sorted(ack.get("also", [])))


if __name__ == "__main__":
    unittest.main()
