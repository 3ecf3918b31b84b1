"""SMB 2.1 as far as the exercise needs it: log on, connect a share, write a file, call the service manager."""

import struct
import uuid

NEGOTIATE, SESSION_SETUP, TREE_CONNECT, CREATE, CLOSE, READ, WRITE, IOCTL = 0, 1, 3, 5, 6, 8, 9, 11
MORE_PROCESSING, OK = 0xC0000016, 0
WINDOWS_EPOCH = 11_644_473_600
SERVICE_MANAGER = (uuid.UUID("367abb81-9844-35f1-ad32-98f038001003"), 2)
NDR = (uuid.UUID("8a885d04-1ceb-11c9-9fe8-08002b104860"), 2)


def utf16(text):
    return text.encode("utf-16-le")


class Session:
    """One SMB connection over a `TCP`; each method is a request and its response."""

    def __init__(self, tcp, user, domain, workstation):
        self.tcp, self.message, self.session, self.tree = tcp, 0, 0, 0
        self.files = 0
        self.negotiate()
        self.log_on(user, domain, workstation)

    def exchange(self, command, request, response, status=OK):
        self.tcp.ask(self.frame(command, request, 0, OK))
        self.tcp.answer(self.frame(command, response, 1, status))
        self.message += 1

    def frame(self, command, body, flags, status):
        header = struct.pack(
            "<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, status, command, 1, flags, 0, self.message, 0xFEFF, self.tree,
            self.session, bytes(16))
        return struct.pack("!I", len(header) + len(body)) + header + body

    def filetime(self):
        return (self.tcp.at // 1_000_000 + WINDOWS_EPOCH) * 10_000_000

    def negotiate(self):
        client, server = uuid.UUID(int=0xE0E0).bytes_le, uuid.UUID(int=0xE1E1).bytes_le
        request = struct.pack("<HHHHI16sQ", 36, 2, 1, 0, 0, client, 0) + struct.pack("<HH", 0x0202, 0x0210)
        response = struct.pack(
            "<HHHH16sIIIIQQHHI", 65, 1, 0x0210, 0, server, 0, 1 << 20, 1 << 20, 1 << 20, self.filetime(), 0, 128, 0, 0)
        self.exchange(NEGOTIATE, request, response)

    def log_on(self, user, domain, workstation):
        hello = b"NTLMSSP\0" + struct.pack("<II", 1, 0x00088207) + bytes(16)
        challenge = b"NTLMSSP\0" + struct.pack("<IHHII8sQHHI", 2, 0, 0, 56, 0x00088207, b"EXERCISE", 0, 0, 0, 56)
        challenge += struct.pack("<BBHI", 10, 0, 17763, 0x0F000000)
        names = [bytes(24), bytes(24), utf16(domain), utf16(user), utf16(workstation), b""]
        offset, fields, payload = 72, b"", b""
        for name in names:
            fields += struct.pack("<HHI", len(name), len(name), offset)
            offset += len(name)
            payload += name
        answer = b"NTLMSSP\0" + struct.pack("<I", 3) + fields
        answer += struct.pack("<I", 0x00088205) + struct.pack("<BBHI", 10, 0, 17763, 0x0F000000) + payload
        self.setup(hello, challenge, MORE_PROCESSING, next_session=0x0E5E_0001)
        self.setup(answer, b"", OK, next_session=self.session)

    def setup(self, blob, reply, status, next_session):
        request = struct.pack("<HBBIIHHQ", 25, 0, 1, 1, 0, 88, len(blob), 0) + blob
        response = struct.pack("<HHHH", 9, 0, 72, len(reply)) + reply
        self.tcp.ask(self.frame(SESSION_SETUP, request, 0, OK))
        self.session = next_session
        self.tcp.answer(self.frame(SESSION_SETUP, response, 1, status))
        self.message += 1

    def connect(self, share):
        path = utf16(f"\\\\{self.tcp.server}\\{share}")
        request = struct.pack("<HHHH", 9, 0, 72, len(path)) + path
        kind = 2 if share == "IPC$" else 1
        response = struct.pack("<HBBIII", 16, kind, 0, 0, 0, 0x001F01FF)
        self.tcp.ask(self.frame(TREE_CONNECT, request, 0, OK))
        self.tree += 1
        self.tcp.answer(self.frame(TREE_CONNECT, response, 1, OK))
        self.message += 1
        return self

    def open(self, name, size=0):
        path = utf16(name)
        request = struct.pack(
            "<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x0012019F, 0x80, 7, 5, 0x40, 120, len(path), 0, 0) + path
        self.files += 1
        handle, now = struct.pack("<QQ", self.files, 0xE0E0), self.filetime()
        response = struct.pack("<HBBIQQQQQQII", 89, 0, 0, 2, now, now, now, now, size, size, 0x80, 0)
        self.exchange(CREATE, request, response + handle + struct.pack("<II", 0, 0))
        return handle

    def write(self, handle, data, offset=0):
        request = struct.pack("<HHIQ16sIIHHI", 49, 112, len(data), offset, handle, 0, 0, 0, 0, 0) + data
        self.exchange(WRITE, request, struct.pack("<HHIIHH", 17, 0, len(data), 0, 0, 0))

    def read(self, handle, data):
        request = struct.pack("<HBBIQ16sIIIHHB", 49, 80, 0, 65536, 0, handle, 0, 0, 0, 0, 0, 0)
        self.exchange(READ, request, struct.pack("<HBBIII", 17, 80, 0, len(data), 0, 0) + data)

    def close(self, handle):
        now = self.filetime()
        response = struct.pack("<HHIQQQQQQI", 60, 0, 0, now, now, now, now, 0, 0, 0x80)
        self.exchange(CLOSE, struct.pack("<HHI16s", 24, 0, 0, handle), response)

    def put(self, share, name, data):
        """Copies a file onto a share, 32 KiB a write."""
        self.connect(share)
        handle = self.open(name, len(data))
        for start in range(0, len(data), 32768):
            self.write(handle, data[start:start + 32768], start)
        self.close(handle)
        return self

    def call(self, handle, number, operation, stub):
        """A DCE/RPC call through the pipe."""
        request = struct.pack("<BBBBIHHIIHH", 5, 0, 0, 3, 0x10, 24 + len(stub), 0, number, len(stub), 0, operation)
        request += stub
        answer = struct.pack("<BBBBIHHIIHBB", 5, 0, 2, 3, 0x10, 48, 0, number, 24, 0, 0, 0) + bytes(24)
        body = struct.pack("<HHI16sIIIIIIII", 57, 0, 0x0011C017, handle, 120, len(request), 0, 120, 0, 1024, 1, 0)
        response = struct.pack("<HHI16sIIIIII", 49, 0, 0x0011C017, handle, 112, 0, 112, len(answer), 0, 0)
        self.exchange(IOCTL, body + request, response + answer)

    def run_as_service(self, name, path):
        """Creates a service that runs `path` and starts it: CreateServiceW (12), StartServiceW (19)."""
        self.connect("IPC$")
        handle = self.open("svcctl")
        (interface, version), (syntax, syntax_version) = SERVICE_MANAGER, NDR
        bind = struct.pack("<HHI", 4280, 4280, 0) + struct.pack("<BBHHBB", 1, 0, 0, 0, 1, 0)
        bind += interface.bytes_le + struct.pack("<I", version) + syntax.bytes_le + struct.pack("<I", syntax_version)
        self.write(handle, struct.pack("<BBBBIHHI", 5, 0, 11, 3, 0x10, 16 + len(bind), 0, 1) + bind)
        accepted = struct.pack("<HHI", 4280, 4280, 0x1234) + struct.pack("<H", 13) + b"\\PIPE\\ntsvcs\0" + b"\0"
        accepted += struct.pack("<BBH", 1, 0, 0) + struct.pack("<HH", 0, 0) + syntax.bytes_le
        accepted += struct.pack("<I", syntax_version)
        self.read(handle, struct.pack("<BBBBIHHI", 5, 0, 12, 3, 0x10, 16 + len(accepted), 0, 1) + accepted)
        self.call(handle, 2, 15, bytes(12) + struct.pack("<I", 0x000F003F))
        self.call(handle, 3, 12, bytes(20) + utf16(name) + b"\0\0" + utf16(path) + b"\0\0")
        self.call(handle, 4, 19, bytes(28))
        self.close(handle)
        return self
