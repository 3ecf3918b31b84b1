"""The office protocols: mail, web, name service, TLS, remote desktop, SSH."""

import base64
import struct


def http_request(method, host, path, agent, body=b"", kind=None):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"User-Agent: {agent}", "Accept: */*"]
    if body:
        lines += [f"Content-Type: {kind or 'application/octet-stream'}", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def http_response(status, reason, body=b"", kind="text/html"):
    head = f"HTTP/1.1 {status} {reason}\r\nServer: EXERCISE\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def program(name, size):
    """Bytes that look like a Windows program to a sensor (MZ and PE marks) and do nothing at all."""
    head = bytearray(b"MZ" + bytes(58) + struct.pack("<I", 128))
    head += b"\x0e\x1f" + f"EXERCISE {name}: inert bytes, not a program. ".encode()
    head = head.ljust(128, b"\0") + b"PE\0\0" + struct.pack("<HH", 0x014C, 0)
    filler = f"EXERCISE {name} ".encode()
    return bytes(head) + (filler * (size // len(filler) + 1))[: size - len(head)]


def document(name, size):
    """Bytes that begin as an Office document with macros does (an OLE2 header), and hold none."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + f"EXERCISE {name} vbaProject.bin ".encode()
    return head.ljust(size, b"E")


def dns_query(identifier, name, kind=1):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    return struct.pack("!HHHHHH", identifier, 0x0100, 1, 0, 0, 0) + labels + struct.pack("!HH", kind, 1)


def dns_answer(query, packed_address, ttl=300):
    identifier = query[:2]
    answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, ttl, 4) + packed_address
    return identifier + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0) + query[12:] + answer


def resolve(capture, at, client, server, name, packed_address):
    query = dns_query(capture.random.getrandbits(16), name)
    port = capture.port(client)
    capture.udp(at, client, port, server, 53, query)
    capture.udp(at + 2000, server, 53, client, port, dns_answer(query, packed_address))


def client_hello(name, random_bytes):
    host = name.encode()
    server_name = struct.pack("!HHHBH", 0, len(host) + 5, len(host) + 3, 0, len(host)) + host
    groups = struct.pack("!HHHHH", 10, 6, 4, 29, 23)
    signatures = struct.pack("!HHHHH", 13, 6, 4, 0x0403, 0x0804)
    extensions = server_name + groups + signatures
    ciphers = struct.pack("!HHHH", 6, 0xC02F, 0xC030, 0x009C)
    body = b"\x03\x03" + random_bytes + b"\0" + ciphers + b"\x01\0" + struct.pack("!H", len(extensions)) + extensions
    return tls_record(22, b"\x01" + struct.pack("!I", len(body))[1:] + body)


def server_hello(random_bytes):
    body = b"\x03\x03" + random_bytes + b"\0" + struct.pack("!H", 0xC02F) + b"\0"
    done = b"\x0e\0\0\0"
    return tls_record(22, b"\x02" + struct.pack("!I", len(body))[1:] + body) + tls_record(22, done)


def tls_record(kind, body):
    return struct.pack("!BHH", kind, 0x0303, len(body)) + body


def tls_session(tcp, name, random, exchanges):
    """A handshake and then sealed records of the given sizes [(asked, answered)]."""
    tcp.ask(client_hello(name, random.randbytes(32))).answer(server_hello(random.randbytes(32)))
    tcp.ask(tls_record(22, b"\x10\0\0\x21\x20" + random.randbytes(32)) + tls_record(20, b"\x01"))
    tcp.ask(tls_record(22, random.randbytes(40))).answer(tls_record(20, b"\x01") + tls_record(22, random.randbytes(40)))
    for asked, answered in exchanges:
        tcp.ask(tls_record(23, random.randbytes(asked))).answer(tls_record(23, random.randbytes(answered)))
    return tcp


def remote_desktop(tcp, user, random):
    """An RDP connection request with the user's cookie, the answer that asks for TLS, then sealed records."""
    cookie = f"Cookie: mstshash={user}\r\n".encode() + struct.pack("<BBHI", 1, 0, 8, 3)
    request = bytes([6 + len(cookie), 0xE0, 0, 0, 0, 0, 0]) + cookie
    tcp.ask(struct.pack("!BBH", 3, 0, 4 + len(request)) + request)
    answer = bytes([14, 0xD0, 0, 0, 0x12, 0x34, 0]) + struct.pack("<BBHI", 2, 0, 8, 1)
    tcp.answer(struct.pack("!BBH", 3, 0, 4 + len(answer)) + answer)
    return tls_session(tcp, "EXERCISE-RDP", random, [(900, 4000), (300, 9000)])


def ssh_session(tcp, client_version, server_version, random, size):
    tcp.answer(f"SSH-2.0-{server_version}\r\n".encode()).ask(f"SSH-2.0-{client_version}\r\n".encode())
    for _ in range(3):
        packet = random.randbytes(size)
        tcp.ask(struct.pack("!IB", len(packet) + 1, 6) + packet).answer(struct.pack("!IB", 61, 6) + random.randbytes(60))
    return tcp


def mail(tcp, sender, recipient, subject, text, attachment, content):
    """An SMTP delivery of a message with one attachment."""
    boundary = "EXERCISE-BOUNDARY"
    encoded = base64.encodebytes(content).decode().replace("\n", "\r\n")
    message = "\r\n".join([
        f"From: <{sender}>", f"To: <{recipient}>", f"Subject: {subject}", "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{boundary}"', "", f"--{boundary}",
        "Content-Type: text/plain; charset=utf-8", "", text, f"--{boundary}",
        f'Content-Type: application/vnd.ms-excel.sheet.macroEnabled.12; name="{attachment}"',
        "Content-Transfer-Encoding: base64", f'Content-Disposition: attachment; filename="{attachment}"', "",
        encoded + f"--{boundary}--", ".", ""])
    tcp.answer(b"220 mail.exercise-grid-a.example ESMTP EXERCISE\r\n")
    for asked, answered in [
        (f"EHLO {sender.split('@')[1]}", "250 mail.exercise-grid-a.example"), (f"MAIL FROM:<{sender}>", "250 OK"),
        (f"RCPT TO:<{recipient}>", "250 OK"), ("DATA", "354 go ahead"),
    ]:
        tcp.ask(f"{asked}\r\n".encode()).answer(f"{answered}\r\n".encode())
    tcp.ask(message.encode()).answer(b"250 OK\r\n").ask(b"QUIT\r\n").answer(b"221 bye\r\n")
    return tcp
