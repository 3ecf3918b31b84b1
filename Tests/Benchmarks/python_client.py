"""What the client in Python (Plugins/python) moves in one process, against a casusd of its own on this machine.

Publishes events from one process and waits until each is acknowledged (on disk), then reads them all from the journal in one
process, durable, so that each is acknowledged too. Each part is a process of its own and is timed from its first call to its
last answer; making the events and starting Python are not in it unless a row says so. Every event is counted: exit 1 when one
is refused, missing, repeated or out of order.

Targets (2 cores): published 20,000 events/s, received 30,000 events/s.

    Tests/Benchmarks/python                      three rounds of 100,000 events of 512 bytes
    Tests/Benchmarks/python --events 20000 --rounds 1 --json
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Plugins" / "python"))

TARGETS = {"published": 20_000, "received": 30_000}
TYPE = "casus.detection.v1"
MOMENT = "2026-01-05T08:00:00Z"


def data(number, padding=""):
    return {
        "finding": {"uid": f"EXERCISE-{number}", "title": "EXERCISE " + padding,
                    "analytic": {"name": "EXERCISE", "kind": "rule"}},
        "severity_id": 3, "first_seen": MOMENT, "last_seen": MOMENT, "count": 1, "domain": "cyberspace",
        "techniques": [], "software": [], "observables": [], "spoofed": False,
    }


def make(client, number, padding):
    return client.event(TYPE, data(number, padding), id=f"bench-{number:010}", time=MOMENT, tlp="GREEN", exercise=True)


def publish(client, first, count, size, encode):
    """Seconds for `count` events; with `encode` making them is part of it."""
    from casus_client import Accepted

    padding = "x" * max(0, size - len(make(client, first, "")))
    ready = None if encode else [make(client, number, padding) for number in range(first, first + count)]
    begun = time.perf_counter()
    tickets = []
    for start in range(0, count, 512):
        part = range(start, min(start + 512, count))
        tickets.append(client.send([make(client, first + n, padding) for n in part] if ready is None
                                   else ready[part.start:part.stop]))
    for ticket in tickets:
        client.wait(ticket, 120)
    took = time.perf_counter() - begun
    outcomes = [outcome for ticket in tickets for outcome in ticket.outcomes]
    wrong = [outcome for outcome in outcomes if not isinstance(outcome, Accepted) or outcome.is_duplicate]
    sequences = [outcome.sequence for outcome in outcomes if isinstance(outcome, Accepted)]
    if wrong or sequences != sorted(set(sequences)):
        raise SystemExit(f"python_client: {len(wrong)} events were not accepted, {wrong[:1]}")
    return took


def receive(client, name, count, parse):
    """Seconds for reading `count` events, durable; with `parse` their data is looked at."""
    begun = time.perf_counter()
    subscription = client.subscribe([TYPE], name=name, start="earliest")
    sequences = []
    grave = 0
    while len(sequences) < count:
        events = subscription.take(60)
        if not events:
            raise SystemExit(f"python_client: {len(sequences)} of {count} events came within 60 s")
        for event in events:
            sequences.append(event.sequence)
            if parse:
                grave += event.data["severity_id"] > 2
        subscription.ack(*events)
    took = time.perf_counter() - begun
    subscription.close()
    if sequences != sorted(set(sequences)) or parse and grave != count:
        raise SystemExit("python_client: events came twice, out of order, or with other data")
    return took


def work(connection, program, job, arguments, result):
    from casus_client import Client

    with Client(connection, program) as client:
        result.put(job(client, *arguments))


def timed(context, connection, job, *arguments):
    result = context.Queue()
    process = context.Process(target=work, args=(connection, "bench", job, arguments, result))
    process.start()
    process.join()
    if process.exitcode != 0:
        raise SystemExit(1)
    return result.get()


def main():
    parser = argparse.ArgumentParser(
        prog="Tests/Benchmarks/python", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000, metavar="N", help="in each part of each round (100000)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="(3)")
    parser.add_argument("--size", type=int, default=512, metavar="BYTES", help="of an event, about (512)")
    parser.add_argument("--casusd", default=str(ROOT / ".build" / "release" / "casusd"), metavar="FILE", help="the broker")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    options = parser.parse_args()
    if not os.access(options.casusd, os.X_OK):
        parser.error(f"{options.casusd} is missing: swift build -c release")
    os.environ["CASUSD"] = options.casusd
    from tests.broker import Broker

    context = multiprocessing.get_context("spawn")
    count, size = options.events, options.size
    rows = {name: [] for name in ("published", "made and published", "received", "received and parsed")}
    for turn in range(options.rounds):
        broker = Broker({"pub": (["exercise"], [TYPE], []), "sub": ([], [], [TYPE])})
        try:
            pub, sub = broker.connection("pub"), broker.connection("sub")
            rows["published"].append(count / timed(context, pub, publish, 0, count, size, False))
            rows["received"].append(count / timed(context, sub, receive, "plain", count, False))
            rows["received and parsed"].append(count / timed(context, sub, receive, "parsed", count, True))
            rows["made and published"].append(count / timed(context, pub, publish, count, count, size, True))
        finally:
            broker.close()
        if not options.json and sys.stderr.isatty():
            print(f"\rround {turn + 1} of {options.rounds}", end="", file=sys.stderr, flush=True)
    if options.json:
        figures = {name.replace(" ", "_") + "_per_second": statistics.median(rates) for name, rates in rows.items()}
        print(json.dumps({"events": count, "rounds": options.rounds, "size": size, **figures}))
        return
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print(f"{count:,} events of about {size} bytes in each part, CURVE, ipc, acknowledged from disk; median of "
          f"{options.rounds} (least and most), events/s")
    for name, rates in rows.items():
        target = TARGETS.get(name)
        judged = "" if target is None else f"   target {target:,}: " + (
            "reached" if statistics.median(rates) >= target else "missed")
        print(f"  {name:20} {statistics.median(rates):9,.0f}  ({min(rates):,.0f} to {max(rates):,.0f}){judged}")


if __name__ == "__main__":
    main()
