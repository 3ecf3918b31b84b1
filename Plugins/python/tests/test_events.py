"""Making and reading events, times and marks; the environment."""

import hashlib
import json
import os
import tempfile
import unittest

from casus_client import (
    ConfigurationError, Event, connection_from_environment, derived_id, fields, format_time, make_event, parse_time,
    settings_from_environment, strictest,
)
from casus_client.errors import Refusal
from casus_client.events import DESCENDS, EXERCISE, REPLAYED, Origin
from casus_client.heritage import Heritage
from casus_client.logs import LineFormatter
from tests.samples import recorded
from tests.vectors import vectors

KEY = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"
SECRET = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"


class ReadingEvents(unittest.TestCase):
    def read(self, text):
        return Event(1, 0, "jp.x/a", 0, memoryview(text.encode()))

    def test_a_whole_number_is_an_int_however_it_is_written(self):
        for text, value in (("100", 100), ("1e2", 100), ("100.0", 100), ("-0", 0), ("1E0", 1), ("20e-1", 2),
                            ("18014398509481984", 1 << 54), ("1.8014398509481984e16", 1 << 54)):
            found = self.read('{"n":%s}' % text).json["n"]
            self.assertEqual((found, type(found)), (value, int))
        for text, value in (("0.1", 0.1), ("1e-1", 0.1), ("1e300", 1e300), ("1.5", 1.5)):
            found = self.read('{"n":%s}' % text).json["n"]
            self.assertEqual((found, type(found)), (value, float))

    def test_an_attribute_that_is_null_is_none(self):
        event = self.read('{"type":"a.v1","tlp":"GREEN","subject":null,"exercise":null}')
        self.assertIsNone(event.json["subject"])
        self.assertEqual((event.type, event.tlp, event.is_exercise), ("a.v1", "GREEN", False))


class Origins(unittest.TestCase):
    def test_an_events_place_is_taken_as_in_swift(self):
        marks = {"replayed": REPLAYED, "exercise": EXERCISE, "descends": DESCENDS}
        for vector in vectors("succession.json")["origins"]:
            origin = Origin(vector["source"], sum(marks[name] for name in vector["marks"]))
            owner = Origin(vector["owner"], sum(marks[name] for name in vector["owner_marks"]))
            with self.subTest(vector=vector):
                self.assertEqual(origin.may_replace(owner), vector["may_replace"])
                self.assertEqual(origin == owner, vector["own"])


class PassingMarksOn(unittest.TestCase):
    def event(self, id, *names, **more):
        refs = [{"source": "//jp.x/a", "id": name, "sha256": "0" * 64} for name in names]
        return make_event("a.v1", {"refs": refs}, source="//jp.x/a", id=id, time="2026-01-01T00:00:00Z", **more)

    def test_what_a_client_publishes_itself_passes_its_marks_on(self):
        heritage = Heritage()
        for text, marks, expected in (
            (self.event("a", exercise=True), 0, (self.event("a", exercise=True), False)),
            (self.event("a-1", "a"), 0, (self.event("a-1", "a", exercise=True), False)),
            (self.event("a-2", "a-1"), 0, (self.event("a-2", "a-1", exercise=True), False)),
            (self.event("b"), REPLAYED, (self.event("b"), True)),
            (self.event("b-1", "b"), 0, (self.event("b-1", "b"), True)),
            (self.event("plain"), 0, (self.event("plain"), False)),
            (self.event("plain-1", "plain"), 0, (self.event("plain-1", "plain"), False)),
            (b'no event, "exercise"', 0, (b'no event, "exercise"', False)),
        ):
            self.assertEqual(heritage.pass_on(text, marks), expected)

    def test_letters_of_a_name_may_be_written_as_escapes(self):
        heritage = Heritage()
        heritage.pass_on(self.event("a", exercise=True).replace(b'"exercise"', b'"\\u0065xercise"'))
        heritage.pass_on(self.event("b"), REPLAYED)
        for name, expected in (
            ("a", (self.event("c", "a", exercise=True), False)), ("b", (self.event("c", "b"), True)),
        ):
            text = self.event("c", name)
            for word in (b"sha256", b"source", b"data", b"refs"):
                escaped = text.replace(b'"' + word + b'"', b'"\\u00%02x' % word[0] + word[1:] + b'"')
                self.assertNotEqual(escaped, text)
                found, descends = heritage.pass_on(escaped)
                self.assertEqual((json.loads(found), descends), (json.loads(expected[0]), expected[1]))


class MakingEvents(unittest.TestCase):
    def test_equal_content_gives_equal_bytes_whatever_the_order(self):
        one = make_event("casus.x.v1", {"b": 1, "a": "é"}, source="//jp.x/a", id="1", time="2026-01-01T00:00:00Z")
        two = make_event("casus.x.v1", {"a": "é", "b": 1}, source="//jp.x/a", id="1", time="2026-01-01T00:00:00Z")
        self.assertEqual(one, two)
        self.assertIn("é".encode(), one)
        self.assertNotIn(b" ", one)
        self.assertNotIn("exercise", json.loads(one))

    def test_a_number_or_text_that_is_no_json_is_refused(self):
        for value in (float("nan"), float("inf"), "\ud800"):
            with self.assertRaises(ValueError):
                make_event("casus.x.v1", {"a": value}, source="//jp.x/a", id="1", time="2026-01-01T00:00:00Z")

    def test_a_reference_names_source_id_and_digest(self):
        text = make_event("casus.x.v1", {}, source="//jp.x/a", id="1", time="2026-01-01T00:00:00Z")
        digest = hashlib.sha256(text).hexdigest()
        self.assertEqual(recorded(1, text).reference, {"source": "//jp.x/a", "id": "1", "sha256": digest})

    def test_derived_ids_do_not_run_parts_together(self):
        self.assertEqual(derived_id("a", "b"), derived_id("a", "b"))
        self.assertNotEqual(derived_id("a", "bc"), derived_id("ab", "c"))
        self.assertEqual(len(derived_id()), 32)

    def test_the_strictest_mark_counts_and_an_unknown_one_is_red(self):
        self.assertEqual(strictest(["CLEAR", "AMBER", "GREEN"]), "AMBER")
        self.assertEqual(strictest(["AMBER", "AMBER+STRICT"]), "AMBER+STRICT")
        self.assertEqual(strictest(["GREEN", "PINK"]), "RED")
        self.assertEqual(strictest([]), "RED")


class Times(unittest.TestCase):
    def test_times_are_exact_to_the_nanosecond_both_ways(self):
        for text in ("1970-01-01T00:00:00Z", "2026-01-01T00:00:00.123Z", "2199-12-31T23:59:59.999999999Z",
                     "2024-02-29T12:00:00.000000001Z"):
            self.assertEqual(format_time(parse_time(text)), text)

    def test_an_offset_is_taken_into_account(self):
        self.assertEqual(parse_time("2026-01-01T09:00:00+09:00"), parse_time("2026-01-01T00:00:00Z"))

    def test_what_is_no_time_is_refused(self):
        for text in ("2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00.1234567890Z",
                     "2026-01-01t00:00:00z", "２026-01-01T00:00:00Z", "", "2026-01-01T00:00:00Z\n"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                parse_time(text)


class Environment(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, text):
        path = os.path.join(self.folder.name, "file")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def variables(self, keys=f"# casus key jp.x/a\npublic: {KEY}\nsecret: {SECRET}\n", **changes):
        found = {"CASUS_BROKER": "tcp://127.0.0.1:5577", "CASUS_BROKER_KEY": KEY, "CASUS_KEY_FILE": self.file(keys),
                 "CASUS_IDENTITY": "jp.x/a", **changes}
        return {name: value for name, value in found.items() if value is not None}

    def test_the_environment_gives_the_connection_and_never_shows_the_secret(self):
        connection = connection_from_environment(self.variables())
        self.assertEqual(connection.secret_key, SECRET.encode())
        self.assertEqual(connection.public_key, KEY.encode())
        self.assertNotIn(SECRET, repr(connection))

    def test_each_missing_or_wrong_part_is_named(self):
        for changes, named in (
            ({"CASUS_BROKER": None}, "CASUS_BROKER"), ({"CASUS_IDENTITY": None}, "CASUS_IDENTITY"),
            ({"CASUS_IDENTITY": "jp.x"}, "AGENCY/PLUGIN"), ({"CASUS_IDENTITY": "JP.x/a"}, "AGENCY/PLUGIN"),
            ({"CASUS_BROKER": "http://x"}, "tcp://"), ({"CASUS_BROKER_KEY": "short"}, "CASUS_BROKER_KEY"),
            ({"keys": "public: x\n"}, "secret"), ({"keys": f"public: {KEY}\nsecret: {SECRET}x\n"}, "secret"),
            ({"CASUS_KEY_FILE": "/nowhere/key"}, "key file"),
        ):
            with self.subTest(changes=changes):
                with self.assertRaises(ConfigurationError) as caught:
                    connection_from_environment(self.variables(**changes))
                self.assertIn(named, str(caught.exception))

    def test_settings_are_an_object_or_absent(self):
        self.assertEqual(settings_from_environment({}), {})
        self.assertEqual(settings_from_environment({"CASUS_SETTINGS": self.file('{"a":1}')}), {"a": 1})
        for text in ("[]", "{", ""):
            with self.assertRaises(ConfigurationError):
                settings_from_environment({"CASUS_SETTINGS": self.file(text)})


class Entries(unittest.TestCase):
    def test_an_entry_is_one_line(self):
        import logging
        record = logging.LogRecord("casus", logging.ERROR, "", 0, "two\nlines%s", (fields(a="x y", b=None, c=1),), None)
        self.assertEqual(LineFormatter().format(record), 'ERROR two\\nlines a="x y" c=1')

    def test_a_refusal_knows_what_its_number_means(self):
        self.assertTrue(Refusal(503, "busy").is_retriable)
        self.assertFalse(Refusal(303, "schema").is_retriable)
        self.assertIn("/data/x", str(Refusal(303, "schema", "wrong", "/data/x")))


if __name__ == "__main__":
    unittest.main()
