"""Ethernet, IPv4, TCP and UDP with correct checksums, and the pcap file they go into."""

import ipaddress
import random
import struct

MICROSECOND = 1
MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
MSS = 1460


def checksum(data):
    """The internet checksum of RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def address(text):
    return ipaddress.IPv4Address(text).packed


def mac(text):
    """A locally administered MAC address that follows from the IP address."""
    return b"\x02\x00" + address(text)


class Capture:
    """Packets in the order they were made; `write` puts them in the order of their times (microseconds)."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.packets = []
        self.identification = 0
        self.ports = {}

    def port(self, client):
        """The next ephemeral port of a client."""
        self.ports[client] = self.ports.get(client, 49151 + self.random.randrange(200)) + 1
        return self.ports[client]

    def ip(self, at, source, destination, protocol, payload):
        self.identification = (self.identification + 1) & 0xFFFF
        header = struct.pack(
            "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), self.identification, 0x4000, 64, protocol, 0,
            address(source), address(destination))
        header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
        frame = mac(destination) + mac(source) + b"\x08\x00" + header + payload
        self.packets.append((at, len(self.packets), frame))

    def udp(self, at, source, sport, destination, dport, data):
        length = 8 + len(data)
        pseudo = address(source) + address(destination) + struct.pack("!BBH", 0, 17, length)
        header = struct.pack("!HHHH", sport, dport, length, 0)
        total = checksum(pseudo + header + data) or 0xFFFF
        self.ip(at, source, destination, 17, header[:6] + struct.pack("!H", total) + data)

    def write(self, path):
        self.packets.sort()
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for at, _, frame in self.packets:
                out.write(struct.pack("<IIII", at // SECOND, at % SECOND, len(frame), len(frame)) + frame)


class TCP:
    """One connection: handshake, data in both directions with every segment acknowledged, close.

    `at` moves with each packet, so what is sent later stands later in the capture.
    """

    def __init__(self, capture, at, client, server, dport, sport=None, delay=(1, 6)):
        self.capture, self.at, self.delay = capture, at, delay
        self.client, self.server = client, server
        self.sport, self.dport = sport or capture.port(client), dport
        self.next = {client: capture.random.getrandbits(31), server: capture.random.getrandbits(31)}
        options = struct.pack("!BBH", 2, 4, MSS)
        self.segment(client, SYN, options=options)
        self.segment(server, SYN | ACK, options=options)
        self.segment(client, ACK)

    def tick(self):
        low, high = self.delay
        self.at += self.capture.random.randrange(low * MILLISECOND, high * MILLISECOND)

    def wait(self, microseconds):
        self.at += microseconds
        return self

    def segment(self, source, flags, data=b"", options=b""):
        peer = self.server if source == self.client else self.client
        sport, dport = (self.sport, self.dport) if source == self.client else (self.dport, self.sport)
        acknowledged = self.next[peer] if flags & ACK else 0
        header = struct.pack(
            "!HHIIBBHHH", sport, dport, self.next[source], acknowledged, (5 + len(options) // 4) << 4, flags,
            64240, 0, 0) + options
        length = len(header) + len(data)
        pseudo = address(source) + address(peer) + struct.pack("!BBH", 0, 6, length)
        header = header[:16] + struct.pack("!H", checksum(pseudo + header + data)) + header[18:]
        self.tick()
        self.capture.ip(self.at, source, peer, 6, header + data)
        self.next[source] = (self.next[source] + len(data) + (1 if flags & (SYN | FIN) else 0)) & 0xFFFFFFFF

    def send(self, source, data):
        peer = self.server if source == self.client else self.client
        for start in range(0, len(data), MSS):
            piece = data[start:start + MSS]
            self.segment(source, ACK | (PSH if start + MSS >= len(data) else 0), piece)
            self.segment(peer, ACK)
        return self

    def ask(self, data):
        return self.send(self.client, data)

    def answer(self, data):
        return self.send(self.server, data)

    def close(self):
        self.segment(self.client, FIN | ACK)
        self.segment(self.server, FIN | ACK)
        self.segment(self.client, ACK)
        return self.at
