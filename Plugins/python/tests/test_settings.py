"""What a launcher gives, the key file, how a process ends, and the package on its own."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import wheel_builder
import zmq

from casus_client import (
    EXIT, CasusError, Client, ConfigurationError, Disconnected, JournalReplaced, KeyRefused, Refusal,
    connection_from_environment, read_key_file,
)
from casus_client.errors import MissingFile
from casus_client.process import exit_code
from tests.broker import BrokerTest
from tests.vectors import ROOT


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="casus-py-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.public, self.secret = (key.decode() for key in zmq.curve_keypair())

    def key_file(self, text=None, mode=0o600):
        path = self.folder / "key"
        path.write_text(text or f"# EXERCISE\npublic: {self.public}\nsecret: {self.secret}\n", encoding="ascii")
        path.chmod(mode)
        return str(path)

    def environment(self, **more):
        return {"CASUS_BROKER": "tcp://127.0.0.1:5577", "CASUS_BROKER_KEY": self.public, "CASUS_KEY_FILE": self.key_file(),
                "CASUS_IDENTITY": "jp.x/a", **more}


class Environment(Folder):
    def test_an_outbox_in_a_file_is_refused_since_it_would_not_be_kept(self):
        for outbox in ("file", "/var/lib/casus/outbox", "disk"):
            with self.assertRaisesRegex(ConfigurationError, "CASUS_OUTBOX.*memory"):
                connection_from_environment(self.environment(CASUS_OUTBOX=outbox))
        for outbox in ({}, {"CASUS_OUTBOX": ""}, {"CASUS_OUTBOX": "memory"}):
            self.assertEqual(connection_from_environment(self.environment(**outbox)).identity, "jp.x/a")

    def test_a_broker_has_a_port_that_there_is(self):
        for port in ("", ":", ":0", ":70000", ":-1", ":5577x", ":5577/"):
            with self.subTest(port=port), self.assertRaisesRegex(ConfigurationError, "CASUS_BROKER has no port"):
                connection_from_environment(self.environment(CASUS_BROKER="tcp://127.0.0.1" + port))
        for endpoint in ("tcp://[::1]:5577", "tcp://localhost:65535", "ipc:///run/casus/bus"):
            self.assertEqual(connection_from_environment(self.environment(CASUS_BROKER=endpoint)).endpoint, endpoint)

    def test_the_patience_is_a_number_of_seconds(self):
        self.assertIsNone(connection_from_environment(self.environment()).patience)
        self.assertEqual(connection_from_environment(self.environment(CASUS_CONNECT_TIMEOUT="2.5")).patience, 2.5)
        for text in ("0", "-1", "soon", "nan", "1e9"):
            with self.assertRaises(ConfigurationError):
                connection_from_environment(self.environment(CASUS_CONNECT_TIMEOUT=text))


class KeyFiles(Folder):
    def test_a_key_that_others_could_read_or_write_is_refused(self):
        for mode in (0o640, 0o604, 0o660, 0o644, 0o602, 0o440):
            with self.subTest(mode=oct(mode)), self.assertRaisesRegex(ConfigurationError, f"0{mode:o}"):
                read_key_file(self.key_file(mode=mode))
        for mode in (0o600, 0o400):
            self.assertEqual(read_key_file(self.key_file(mode=mode)), (self.public.encode(), self.secret.encode()))
            os.unlink(self.folder / "key")

    def test_what_is_no_key_file_is_refused(self):
        both = f"public: {self.public}\nsecret: {self.secret}\n"
        for text in (f"public: {self.public}\n", both + both, both + "extra: 1\n", both.replace(self.secret, "x"),
                     "#" * 5000 + "\n" + both):
            with self.subTest(text=text[:20]), self.assertRaises(ConfigurationError):
                read_key_file(self.key_file(text))
        with self.assertRaisesRegex(ConfigurationError, "not a regular file"):
            read_key_file("/dev/null")
        os.mkfifo(self.folder / "pipe", 0o600)
        with self.assertRaisesRegex(ConfigurationError, "not a regular file"):
            read_key_file(str(self.folder / "pipe"))
        with self.assertRaises(MissingFile):
            read_key_file(str(self.folder / "missing"))

    def test_a_key_file_ends_the_process_by_what_is_wrong_with_it(self):
        def code(path):
            with self.assertRaises(ConfigurationError) as raised:
                read_key_file(str(path))
            return exit_code(raised.exception)

        self.assertEqual(code(self.folder / "missing"), EXIT["no-input"])
        self.assertEqual(code(self.folder), EXIT["no-input"])
        self.assertEqual(code(self.key_file(mode=0o644)), EXIT["not-permitted"])
        self.assertEqual(code(self.key_file("public: x\n")), EXIT["configuration"])


class ExitCodes(unittest.TestCase):
    def test_an_error_ends_the_process_as_it_does_in_swift(self):
        for error, name in (
            (ConfigurationError(), "configuration"), (KeyRefused(), "not-permitted"), (Disconnected(), "unreachable"),
            (JournalReplaced(), "try-again"), (Refusal(105, "protocol-version"), "protocol-mismatch"),
            (Refusal(207, "superseded"), "not-permitted"), (Refusal(201, "identity-mismatch"), "not-permitted"),
            (Refusal(401, "bad-pattern"), "failed"), (CasusError(), "failed"), (ValueError(), "failed"),
        ):
            with self.subTest(error=repr(error)):
                self.assertEqual(exit_code(error), EXIT[name])


class Patience(BrokerTest):
    def test_a_key_that_is_not_let_in_is_told_apart_from_a_broker_that_is_not_there(self):
        known = self.broker.connection("sensor")
        public, secret = zmq.curve_keypair()
        stranger = Client(known._replace(public_key=public, secret_key=secret, patience=1.0), "exercise-client")
        self.addCleanup(stranger.close)
        with self.assertRaises(KeyRefused):
            stranger.connect()
        self.broker.kill()
        late = Client(known._replace(patience=0.2), "exercise-client")
        self.addCleanup(late.close)
        with self.assertRaises(Disconnected) as caught:
            late.connect()
        self.assertNotIsInstance(caught.exception, KeyRefused)


class Package(Folder):
    def test_it_is_installed_from_a_copy_without_a_network_and_is_whole(self):
        copy, target = self.folder / "python", self.folder / "site"
        shutil.copytree(ROOT / "Plugins" / "python", copy, ignore=shutil.ignore_patterns("__pycache__"))
        subprocess.run(
            [sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "install", "--no-index", "--no-deps",
             "--target", str(target), str(copy)], check=True, cwd=self.folder, stdin=subprocess.DEVNULL)
        program = "import casus_client as c; print(c.__file__, c.EXIT['failed'], c.Refusal(503, 'busy').advice)"
        found = subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(target)}, cwd=self.folder, check=True,
            capture_output=True, text=True)
        self.assertIn(str(target), found.stdout)
        self.assertIn("70 Send the batch again", found.stdout)

    def test_it_has_the_version_of_the_project(self):
        source = (ROOT / "Sources" / "CasusNames" / "Casus.swift").read_text(encoding="utf-8")
        self.assertIn(f'version = "{wheel_builder.VERSION}"', source)


if __name__ == "__main__":
    unittest.main()
