"""One hostile act after another's choice, until it is ended: attacker.py ACT ENDPOINT FOLDER NAME.

Run by `Tests/soak/hostile` with a Python that has pyzmq. What needs a key uses that of the registered jp.soak/NAME. Who is
cut off comes back over a new connection, again and again.
"""

import itertools
import json
import os
import pathlib
import random
import socket
import sys
import time

import zmq

ACT, ENDPOINT, FOLDER, NAME = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4]
HOST, PORT = ENDPOINT.removeprefix("tcp://").rsplit(":", 1)
GREETING = b"\xff" + b"\0" * 8 + b"\x7f\x03\x00" + b"CURVE".ljust(20, b"\0") + b"\0" * 32


def connect():
    link = socket.create_connection((HOST, int(PORT)), 5)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    return link


def dealer(say_hello=True):
    """A connection with the plugin's key."""
    lines = (FOLDER / "keys" / f"{NAME}.key").read_text().splitlines()
    keys = dict(line.split(": ", 1) for line in lines if not line.startswith("#"))
    link = zmq.Context.instance().socket(zmq.DEALER)
    link.curve_serverkey = (FOLDER / "broker.pub").read_text().strip().encode()
    link.curve_publickey, link.curve_secretkey = keys["public"].encode(), keys["secret"].encode()
    link.linger = 0
    link.sndtimeo = 1000
    link.connect(ENDPOINT)
    if say_hello:
        link.send(
            b'{"op":"hello","protocol":[1,1],"identity":"jp.soak/%s","manifest":{"program":"x","version":"1"}}'
            % NAME.encode())
        link.poll(500)
    return link


def drain(link):
    try:
        while True:
            link.recv(zmq.NOBLOCK)
    except zmq.Again:
        pass


def busy():
    """No hostility at all: two processes that compute, as the sender and the encryption of a flood do."""
    if os.fork() == 0:
        parent = os.getppid()
        while os.getppid() == parent:
            for _ in range(100_000):
                pass
        os._exit(0)
    while True:
        pass


def half_open():
    links = [connect() for _ in range(400)]
    while True:
        time.sleep(0.5)
        # Those that the broker gave up are replaced.
        for place, link in enumerate(links):
            link.setblocking(False)
            try:
                if link.recv(64) == b"":
                    raise OSError
            except BlockingIOError:
                pass
            except OSError:
                link.close()
                links[place] = connect()


def garbage():
    while True:
        link = connect()
        try:
            link.sendall(os.urandom(random.randrange(1, 200)))
        except OSError:
            pass
        link.close()


def slow_greeting():
    links = [(connect(), itertools.cycle(GREETING)) for _ in range(200)]
    while True:
        for place, (link, letters) in enumerate(links):
            try:
                link.send(bytes([next(letters)]))
            except OSError:
                links[place] = (connect(), itertools.cycle(GREETING))
        time.sleep(0.05)


def flood(frames, reads=True, pause=0):
    while True:
        link = dealer()
        try:
            while True:
                for _ in range(1 if pause else 200):
                    link.send_multipart(frames)
                if reads:
                    drain(link)
                time.sleep(pause)
        except zmq.Again:
            link.close()


def endless():
    while True:
        link = dealer()
        try:
            for _ in range(2_000_000):
                link.send(b"x" * 1000, zmq.SNDMORE)
        except zmq.ZMQError:
            pass
        link.close()


def giant():
    while True:
        link = dealer()
        try:
            link.send(b"x" * (64 << 20))
            time.sleep(0.2)
        except zmq.ZMQError:
            pass
        link.close()


def silent_thousand():
    """A thousand connections at a time that never prove a key."""
    links = []
    while True:
        try:
            links.append(connect())
        except OSError:
            time.sleep(0.05)
        if len(links) >= 1_000:
            for link in links:
                link.close()
            links.clear()


def costly():
    """Events of a schema of its own that take as many steps as one event may, accepted all of them."""
    kind = f"jp.soak.{NAME}.v1"
    checks = [{"minimum": -number} for number in range(1, 30)]
    numbers = {"properties": {"n": {"items": {"allOf": checks}}}}
    schema = json.dumps({"$ref": "urn:casus:schema:cloudevent", "properties": {"data": numbers}})
    data = '{"n":[' + ",".join(["1"] * 400) + "]}"
    number = 0
    while True:
        link = dealer()
        request = {"op": "request", "id": 1, "what": "schema-add", "parameters": {"type": kind, "schema": schema}}
        try:
            link.send(json.dumps(request).encode())
            link.poll(500)
            for batch in itertools.count(1):
                frame = b""
                for _ in range(200):
                    number += 1
                    event = (
                        f'{{"specversion":"1.0","id":"c-{os.getpid()}-{number}","source":"//jp.soak/{NAME}",'
                        f'"type":"{kind}",'
                        f'"time":"2026-01-01T00:00:00Z","tlp":"GREEN","data":{data}}}').encode()
                    frame += len(event).to_bytes(4, "little") + event
                link.send_multipart([b'{"op":"publish","batch":%d,"count":200}' % batch, frame])
                drain(link)
        except zmq.Again:
            link.close()


def reconnect():
    while True:
        link = dealer()
        link.close()


EVENT = b'{"specversion":"1.0","id":"x","source":"//jp.soak/%s","type":"casus.detection.v1","data":{}}' % NAME.encode()
REFUSED = [b'{"op":"publish","batch":1,"count":100}', (len(EVENT).to_bytes(4, "little") + EVENT) * 100]
ACTS = {
    "a busy neighbour": busy,
    "half-open connections": half_open,
    "connections with garbage": garbage,
    "slow greetings": slow_greeting,
    "tiny frames": lambda: flood([b"{}"]),
    "pings that are never read": lambda: flood([b'{"op":"ping"}'], reads=False),
    "refused events": lambda: flood(REFUSED),
    # What is still served: about 15,000 refused events in a second.
    "refused events, in moderation": lambda: flood(REFUSED, pause=100 / 15_000),
    "requests": lambda: flood([b'{"op":"request","id":1,"what":"schemas"}']),
    "endless messages": endless,
    "giant messages": giant,
    "reconnects": reconnect,
    "a thousand silent connections": silent_thousand,
    "costly events": costly,
}

if __name__ == "__main__":
    try:
        ACTS[ACT]()
    except KeyboardInterrupt:
        pass
