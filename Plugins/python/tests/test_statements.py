"""What people signed and what strangers wrote: read and shown as in Swift, by the same vectors."""

import base64
import unittest

from casus_client.harmless import shown
from casus_client.statements import DECISION, POSITION, StatementError, read_envelope, read_statement
from tests.vectors import vectors


class Statements(unittest.TestCase):
    def test_signed_bytes_read_one_way_or_not_at_all(self):
        for vector in vectors("statements.json")["statements"]:
            with self.subTest(because=vector["because"]):
                payload = base64.b64decode(vector["payload"])
                envelope = {"payloadType": POSITION, "payload": vector["payload"]}
                if vector["is_statement"]:
                    self.assertEqual(read_statement(payload, POSITION)["finding"], "below-threshold")
                    self.assertEqual(read_envelope(envelope), read_statement(payload, POSITION))
                else:
                    with self.assertRaises(StatementError):
                        read_statement(payload, POSITION)

    def test_a_statement_is_of_its_type(self):
        payload = base64.b64decode(vectors("statements.json")["statements"][0]["payload"])
        for media_type in (DECISION, "application/json"):
            with self.assertRaises(StatementError):
                read_statement(payload, media_type)
        with self.assertRaises(StatementError):
            read_envelope({"payloadType": POSITION, "payload": "&"})


class Harmless(unittest.TestCase):
    def test_what_strangers_wrote_is_shown_and_steers_nothing(self):
        for vector in vectors("harmless.json")["texts"]:
            with self.subTest(text=ascii(vector["text"])):
                self.assertEqual(shown(vector["text"]), vector["shown"])
                self.assertEqual(shown(vector["shown"]), vector["shown"])


if __name__ == "__main__":
    unittest.main()
