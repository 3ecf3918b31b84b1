"""A real casusd in a temporary folder, and clients of it that speak frames by hand."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Tuple

import zmq

from casus_client import Client, Connection
from casus_client.frames import encode_control, pack_publish, unpack_deliver

CASUSD = os.environ.get("CASUSD", "")
WAIT = 30.0
"""Seconds after which a condition that did not come counts as failed. Nothing waits that long when all is well."""


def until(condition: Callable[[], Any], what: str, step: Optional[Callable[[], Any]] = None) -> Any:
    """Waits for a condition; `step` is done in between (a client's poll)."""
    deadline = time.monotonic() + WAIT
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {WAIT:g} s: {what}")
        step() if step else time.sleep(0.01)


class Broker:
    """casusd with a registry of plugins: name -> (roles, publish, subscribe), all of the agency `jp.exercise`."""

    AGENCY = "jp.exercise"

    def __init__(self, plugins: Dict[str, Tuple[Any, Any, Any]]) -> None:
        # Short, because the path of an ipc endpoint has to fit into 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="casus-py-"))
        self.plugins = dict(plugins)
        self.clearances: Dict[str, str] = {}
        self.process: Optional[subprocess.Popen] = None
        for name in ("registry", "keys", "state"):
            (self.folder / name).mkdir()
        for name in ("broker", *plugins):
            self.make_key(name)
        self.write_registry()
        (self.folder / "casusd.yaml").write_text(
            f"name: exercise\nlisten: [\"ipc://{self.folder}/bus\"]\nkey: keys/broker.key\nregistry: registry\n"
            "journal: journal\nready: ready.json\naccept_replay: true\n", encoding="utf-8")
        subprocess.run(
            [CASUSD, "--config", str(self.folder / "casusd.yaml"), "--init"], check=True, stderr=subprocess.DEVNULL)
        self.start()

    def make_key(self, name: str) -> None:
        public, secret = zmq.curve_keypair()
        path = self.folder / "keys" / f"{name}.key"
        with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(f"# casus key {self.AGENCY}/{name}\npublic: {public.decode()}\nsecret: {secret.decode()}\n")

    def keys(self, name: str) -> Tuple[bytes, bytes]:
        from casus_client import read_key_file
        return read_key_file(str(self.folder / "keys" / f"{name}.key"))

    def write_registry(self) -> None:
        entries = [
            {"name": name, "key": self.keys(name)[0].decode(), "roles": list(roles), "publish": list(publish),
             "subscribe": list(subscribe), "clearance": self.clearances.get(name, "RED")}
            for name, (roles, publish, subscribe) in self.plugins.items()
        ]
        text = f"agency: {self.AGENCY}\nnation: JP\nplugins: {json.dumps(entries)}\n"
        draft = self.folder / "registry.draft"
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.folder / "registry" / "exercise.yaml")

    def start(self) -> None:
        ready = self.folder / "ready.json"
        if ready.exists():
            ready.unlink()
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [CASUSD, "--config", str(self.folder / "casusd.yaml")], stdout=log, stderr=log)
        until(lambda: ready.exists() and self._read(ready) or self.process.poll() is not None, "casusd is ready")
        if self.process.poll() is not None:
            raise AssertionError(f"casusd ended: {self.log()}")
        self.ready = self._read(ready)

    @staticmethod
    def _read(path: Path) -> Any:
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            return None

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def kill(self) -> None:
        """As kill -9 does it."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(WAIT)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def connection(self, name: str) -> Connection:
        public, secret = self.keys(name)
        return Connection(self.ready["listen"][0], self.ready["key"].encode(), public, secret, f"{self.AGENCY}/{name}")

    def client(self, name: str) -> Client:
        return Client(self.connection(name), "exercise-client")

    def environment(self, name: str, **more: str) -> Dict[str, str]:
        """What a launcher gives the plugin."""
        state = self.folder / "state" / name
        state.mkdir(exist_ok=True)
        return {
            **os.environ, "CASUS_BROKER": self.ready["listen"][0], "CASUS_BROKER_KEY": self.ready["key"],
            "CASUS_KEY_FILE": str(self.folder / "keys" / f"{name}.key"), "CASUS_STATE": str(state),
            "CASUS_IDENTITY": f"{self.AGENCY}/{name}", **more,
        }


class RawClient:
    """Frames by hand, as PROTOCOL.md draws them."""

    def __init__(self, connection: Connection) -> None:
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.curve_publickey = connection.public_key
        self.socket.curve_secretkey = connection.secret_key
        self.socket.curve_serverkey = connection.broker_key
        self.socket.connect(connection.endpoint)
        self.identity = connection.identity

    def close(self) -> None:
        self.socket.close()

    def send(self, control: Any, batch: Optional[bytes] = None) -> None:
        frame = control if isinstance(control, bytes) else encode_control(control)
        self.socket.send_multipart([frame] if batch is None else [frame, batch])

    def receive(self, wait: float = WAIT) -> Any:
        """The next message's control frame; events of a batch under `events`. None when nothing comes."""
        if not self.socket.poll(int(wait * 1000)):
            return None
        frames = self.socket.recv_multipart()
        control = json.loads(frames[0])
        if control["op"] == "deliver":
            control["events"] = unpack_deliver(frames[1], control["count"], control["senders"])
        return control

    def ask(self, control: Any, batch: Optional[bytes] = None) -> Any:
        self.send(control, batch)
        return self.receive()

    def hello(self, **changes: Any) -> Any:
        return self.ask({"op": "hello", "protocol": [1, 1], "identity": self.identity,
                         "manifest": {"program": "raw", "version": "1"}, **changes})

    def publish(self, number: int, *events: bytes, **members: Any) -> Any:
        return self.ask({"op": "publish", "batch": number, "count": len(events), **members}, pack_publish(events))


@unittest.skipUnless(CASUSD, "CASUSD does not name a casusd binary")
class BrokerTest(unittest.TestCase):
    """A broker of its own for each test."""

    PLUGINS: Dict[str, Tuple[Any, Any, Any]] = {
        "sensor": (["exercise"], ["casus.detection.v1", "casus.effect.v1", "casus.incident.v1"], []),
        "reader": ([], [], ["casus.>"]),
        "damage": (["exercise"], ["casus.damage.v1"], ["casus.incident.v1", "casus.effect.v1"]),
        "operator": (["operator", "replay", "exercise"], [">"], [">"]),
    }

    def setUp(self) -> None:
        self.broker = Broker(self.PLUGINS)
        self.addCleanup(self.broker.close)

    def client(self, name: str) -> Client:
        client = self.broker.client(name)
        self.addCleanup(client.close, flush=0)
        return client.connect(WAIT)

    def raw(self, name: str, hello: bool = True) -> RawClient:
        raw = RawClient(self.broker.connection(name))
        self.addCleanup(raw.close)
        if hello:
            self.assertEqual(raw.hello()["op"], "welcome")
        return raw

    def state(self, name: str) -> Dict[str, Any]:
        """The broker's report on the only durable subscription of that name."""
        if not hasattr(self, "_operator"):
            self._operator = self.client("operator")
        found = self._operator.request("status")["subscriptions"]
        return next((entry for entry in found if entry.get("name") == name), {})
