"""The control protocols: DNP3 (IEEE 1815), Modbus/TCP, IEC 60870-5-104. Builders of single messages."""

import struct

# --- DNP3 -------------------------------------------------------------------------------------------------------

CONFIRM, READ, WRITE, SELECT, OPERATE, DIRECT_OPERATE, DIRECT_OPERATE_NO_ACK, COLD_RESTART = 0, 1, 2, 3, 4, 5, 6, 13
STOP_APPLICATION, DISABLE_UNSOLICITED, RESPONSE = 18, 21, 129

LATCH_ON, LATCH_OFF, TRIP, CLOSE = 0x03, 0x04, 0x81, 0x41


def dnp3_crc(data):
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA6BC if value & 1 else value >> 1
    return struct.pack("<H", ~value & 0xFFFF)


def dnp3(function, objects=b"", *, source, destination, sequence, from_master=True, indications=b"\0\0"):
    """One link frame with one application fragment (at most 249 octets)."""
    application = bytes([0xC0 | sequence & 0x0F, function])
    if not from_master:
        application += indications
    application += objects
    segment = bytes([0xC0 | sequence & 0x3F]) + application
    control = 0xC4 if from_master else 0x44
    header = struct.pack("<BBBBHH", 0x05, 0x64, 5 + len(segment), control, destination, source)
    frame = header + dnp3_crc(header)
    for start in range(0, len(segment), 16):
        block = segment[start:start + 16]
        frame += block + dnp3_crc(block)
    return frame


def dnp3_class_poll():
    """Objects of an integrity poll: class 1, 2, 3 and 0."""
    return b"".join(bytes([60, variation, 0x06]) for variation in (2, 3, 4, 1))


def dnp3_measurements(values):
    """Group 30 variation 5: floating-point analogue inputs with flags, from index 0."""
    return bytes([30, 5, 0x00, 0, len(values) - 1]) + b"".join(struct.pack("<Bf", 1, value) for value in values)


def dnp3_relay(index, operation, on_time=100, off_time=100):
    """Group 12 variation 1: one control relay output block."""
    block = struct.pack("<BBIIB", operation, 1, on_time, off_time, 0)
    return bytes([12, 1, 0x28]) + struct.pack("<HH", 1, index) + block


# --- Modbus -----------------------------------------------------------------------------------------------------

def modbus(transaction, unit, body):
    return struct.pack("!HHHB", transaction, 0, len(body) + 1, unit) + body


def modbus_read_request(function, start, count):
    return struct.pack("!BHH", function, start, count)


def modbus_registers_response(function, values):
    return struct.pack("!BB", function, 2 * len(values)) + struct.pack(f"!{len(values)}H", *values)


def modbus_write_coil(index, on):
    return struct.pack("!BHH", 5, index, 0xFF00 if on else 0)


def modbus_write_register(index, value):
    return struct.pack("!BHH", 6, index, value)


def modbus_write_coils(start, bits):
    packed = bytearray((len(bits) + 7) // 8)
    for index, bit in enumerate(bits):
        packed[index // 8] |= bit << index % 8
    return struct.pack("!BHHB", 15, start, len(bits), len(packed)) + bytes(packed)


def modbus_write_registers(start, values):
    return struct.pack("!BHHB", 16, start, len(values), 2 * len(values)) + struct.pack(f"!{len(values)}H", *values)


def modbus_write_response(request):
    return request[:5]


# --- IEC 60870-5-104 --------------------------------------------------------------------------------------------

M_ME_NC_1, M_SP_NA_1, C_SC_NA_1, C_DC_NA_1, C_IC_NA_1, C_RP_NA_1 = 13, 1, 45, 46, 100, 105
SPONTANEOUS, ACTIVATION, ACTIVATION_CONFIRMED, ACTIVATION_ENDED, BY_INTERROGATION = 3, 6, 7, 10, 20

STARTDT_ACT, STARTDT_CON = b"\x68\x04\x07\0\0\0", b"\x68\x04\x0b\0\0\0"
STOPDT_ACT, STOPDT_CON = b"\x68\x04\x13\0\0\0", b"\x68\x04\x23\0\0\0"


class IEC104:
    """One link's counters; builds I-frames with the numbers the standard asks for."""

    def __init__(self):
        self.sent = {True: 0, False: 0}

    def frame(self, from_master, kind, cause, station, objects, count=1):
        send, receive = self.sent[from_master], self.sent[not from_master]
        self.sent[from_master] += 1
        body = struct.pack("<HH", send << 1, receive << 1)
        body += struct.pack("<BBBBH", kind, count, cause, 0, station) + objects
        return bytes([0x68, len(body)]) + body


def information_object(index, *octets):
    return struct.pack("<I", index)[:3] + bytes(octets)


def measured_value(index, value):
    return struct.pack("<I", index)[:3] + struct.pack("<fB", value, 0)
