"""Control and batch frames, whole, cut and hostile."""

import struct
import unittest

from casus_client.frames import (
    FrameError, decode_control, encode_control, pack_publish, read_number, read_objects, read_sequence, unpack_deliver,
    unpack_publish,
)


def record(sequence=7, recorded=9, sender=0, flags=0, event=b"{}", length=None):
    return struct.pack("<QqHHI", sequence, recorded, sender, flags, len(event) if length is None else length) + event


class ControlFrames(unittest.TestCase):
    def test_a_control_frame_survives_both_ways(self):
        control = {"op": "subscribe", "types": ["casus.>"], "name": "見る"}
        self.assertEqual(decode_control(encode_control(control)), control)

    def test_what_is_not_one_json_object_with_an_op_is_refused(self):
        for frame in (b"", b"[]", b"null", b"{}", b'{"op":1}', b'{"op":"x"', b'{"op":"x"}{}', b'{"op":"x","n":NaN}',
                      b"\xef\xbb\xbf{\"op\":\"x\"}", b'{"op":"\xff"}', '{"op":"x"}'.encode("utf-16"), b"[" * 100000):
            with self.subTest(frame=frame[:20]), self.assertRaises(FrameError):
                decode_control(frame)

    def test_a_member_that_stands_twice_is_refused(self):
        with self.assertRaises(FrameError):
            decode_control(b'{"op":"welcome","first":"1","first":"2"}')
        with self.assertRaises(FrameError):
            decode_control(b'{"op":"welcome","limits":{"a":1,"\\u0061":2}}')

    def test_a_sequence_is_decimal_digits_in_a_string_up_to_64_bits(self):
        self.assertEqual(read_sequence("18446744073709551615", "first"), 2**64 - 1)
        for text in ("18446744073709551616", "", "-1", "1.0", "0x1", " 1", "１", "9" * 5000, 1, None, True, ["1"]):
            with self.subTest(text=str(text)[:20]), self.assertRaises(FrameError):
                read_sequence(text, "first")

    def test_a_number_of_ours_that_is_none_is_minus_one(self):
        for found in (3, 3.0, 30e-1):
            self.assertEqual(read_number({"sub": found}, "sub"), 3)
        for found in ("3", True, None, [3], {}, 3.5, 1e400):
            self.assertEqual(read_number({"sub": found}, "sub"), -1)

    def test_a_list_of_objects_is_one_or_refused(self):
        self.assertEqual(read_objects({}, "refused"), [])
        for found in ({}, "x", [1], [{}, "x"], None):
            with self.assertRaises(FrameError):
                read_objects({"refused": found}, "refused")


class PublishBatches(unittest.TestCase):
    def test_a_batch_is_length_and_event_little_endian_without_padding(self):
        self.assertEqual(pack_publish([b"abc", b""]), b"\x03\0\0\0abc\0\0\0\0")
        self.assertEqual(unpack_publish(b"\x03\0\0\0abc\0\0\0\0", 2), [b"abc", b""])

    def test_a_batch_cut_anywhere_is_refused(self):
        whole = pack_publish([b"abc", b"defg"])
        for end in range(len(whole)):
            with self.subTest(end=end), self.assertRaises(FrameError):
                unpack_publish(whole[:end], 2)

    def test_more_or_fewer_records_than_promised_are_refused(self):
        whole = pack_publish([b"abc", b"defg"])
        for count in (0, 1, 3, 1 << 40):
            with self.subTest(count=count), self.assertRaises(FrameError):
                unpack_publish(whole, count)


class DeliverBatches(unittest.TestCase):
    def test_a_record_carries_the_stamp_and_the_bytes_as_they_were_sent(self):
        frame = record(2**64 - 1, -5, 1, 7, b'{"id":"\xe3\x81\x82"}') + record(8, event=b"")
        first, second = unpack_deliver(frame, 2, ["jp.x/a", "jp.x/b"])
        self.assertEqual((first.sequence, first.recorded, first.sender), (2**64 - 1, -5, "jp.x/b"))
        self.assertTrue(first.is_replayed and first.is_exercise and first.is_redelivered)
        self.assertEqual(first.bytes, b'{"id":"\xe3\x81\x82"}')
        self.assertEqual(unpack_deliver(record(flags=0xF802 | 4 << 8), 1, ["jp.x/a"])[0].tlp, "AMBER+STRICT")
        self.assertEqual((second.sender, second.flags, second.bytes), ("jp.x/a", 0, b""))
        self.assertTrue(unpack_deliver(record(flags=8), 1, ["jp.x/a"])[0].descends and not second.descends)

    def test_a_batch_cut_anywhere_is_refused(self):
        whole = record() + record(8, event=b'{"a":1}')
        for end in range(len(whole)):
            with self.subTest(end=end), self.assertRaises(FrameError):
                unpack_deliver(whole[:end], 2, ["jp.x/a"])

    def test_a_length_beyond_the_frame_is_refused_without_allocating(self):
        with self.assertRaises(FrameError):
            unpack_deliver(record(length=2**32 - 1), 1, ["jp.x/a"])

    def test_a_sender_that_is_not_listed_is_refused(self):
        with self.assertRaises(FrameError):
            unpack_deliver(record(sender=1), 1, ["jp.x/a"])

    def test_more_or_fewer_records_than_promised_are_refused(self):
        for count in (0, 1, 3, 1 << 40):
            with self.subTest(count=count), self.assertRaises(FrameError):
                unpack_deliver(record() + record(), count, ["jp.x/a"])


if __name__ == "__main__":
    unittest.main()
