"""What people signed and what strangers wrote: read and shown as in Swift, by the same vectors."""

import base64
import json
import unittest

from casus_client import DECISION, POSITION, StatementError, read_envelope, read_statement
from casus_client.harmless import shown
from casus_client.schema import Schema
from tests.vectors import vectors


TYPES = {"position": POSITION, "decision": DECISION}


class Statements(unittest.TestCase):
    def test_signed_bytes_read_one_way_or_not_at_all(self):
        for vector in vectors("statements.json")["statements"]:
            with self.subTest(because=vector["because"]):
                payload, media_type = base64.b64decode(vector["payload"]), TYPES[vector["type"]]
                envelope = {"payloadType": media_type, "payload": vector["payload"]}
                if vector["is_statement"]:
                    self.assertEqual(read_envelope(envelope), read_statement(payload, media_type))
                else:
                    with self.assertRaises(StatementError):
                        read_statement(payload, media_type)

    def test_a_statement_is_of_its_type(self):
        payload = base64.b64decode(vectors("statements.json")["statements"][0]["payload"])
        for media_type in (DECISION, "application/json"):
            with self.assertRaises(StatementError):
                read_statement(payload, media_type)
        with self.assertRaises(StatementError):
            read_envelope({"payloadType": POSITION, "payload": "&"})

    def test_a_fault_is_told_by_its_place_and_quotes_nothing_that_steers_a_terminal(self):
        payload = {**json.loads(base64.b64decode(vectors("statements.json")["statements"][0]["payload"]))}
        payload["snapshot"]["\u001b[2J/x"] = 1
        with self.assertRaises(StatementError) as raised:
            read_statement(json.dumps(payload).encode(), POSITION)
        self.assertEqual(str(raised.exception), "/snapshot/\\x1b[2J~1x is a member that no schema knows")


class Schemas(unittest.TestCase):
    def test_one_that_says_more_than_is_understood_is_not_used_by_halves(self):
        for schema in ({"oneOf": []}, {"items": {"uniqueItems": True}}, {"format": "uri"}, {"additionalProperties": {}},
                       {"properties": {"a": {"$ref": "b#/$defs/c"}}}):
            documents = {"a": schema, "b": {"$defs": {"c": {"not": {}}}}}
            with self.subTest(schema=schema), self.assertRaises(ValueError):
                Schema("a", documents)

    def test_one_that_refers_to_itself_is_read_and_a_mistyped_value_is_told_once(self):
        schema = Schema("a", {"a": {"type": "array", "items": {"$ref": "#"}}})
        self.assertEqual(list(schema.faults([[], [[3]]])), [("/1/0/0", "is no array")])
        rising = Schema("a", {"a": {"properties": {"low": {"type": "number"}}, "x-rising": [["low", "high"]]}})
        self.assertEqual(list(rising.faults({"low": "x", "high": 1})), [("/low", "is no number")])


class Harmless(unittest.TestCase):
    def test_what_strangers_wrote_is_shown_and_steers_nothing(self):
        for vector in vectors("harmless.json")["texts"]:
            with self.subTest(text=ascii(vector["text"])):
                self.assertEqual(shown(vector["text"]), vector["shown"])
                self.assertEqual(shown(vector["shown"]), vector["shown"])


if __name__ == "__main__":
    unittest.main()
