"""A real broker in a temporary folder, its publishers and subscribers as processes, and what ends them all.

Used by the executable parts beside this folder. Only Python's own library; the load itself is `soak-load` (Tools/SoakLoad).
"""

import array
import ctypes
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
IS_LONG = os.environ.get("CASUS_SOAK", "short") == "long"


class Failure(Exception):
    """A promise that was not kept; the part ends with exit code 1."""


def programs(*names):
    """Builds the programs (release in the long form) and says where they are. CASUS_BIN names a folder to take them from."""
    given = os.environ.get("CASUS_BIN")
    if given:
        return pathlib.Path(given)
    kind = "release" if IS_LONG else "debug"
    for name in names or ("casusd", "soak-load"):
        done = subprocess.run(
            ["swift", "build", "-c", kind, "--product", name], cwd=ROOT, capture_output=True, text=True,
            env={**os.environ, "CASUS_TOOLS": "1"})
        if done.returncode:
            raise Failure(f"{name} does not build:\n{done.stdout[-2000:]}")
    return ROOT / ".build" / kind


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def wait_for(what, condition, seconds=60, pause=0.01):
    """Waits for a condition; the bound only ends what would never end."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"{what}: not within {seconds} s")
        time.sleep(pause)


class Bus:
    """A broker's folder and every process around it."""

    def __init__(self, programs, publishers=4, consumers=2, settings=()):
        self.programs = programs
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="soak-"))
        self.publishers = [f"p{n}" for n in range(1, publishers + 1)]
        self.consumers = [f"c{n}" for n in range(1, consumers + 1)]
        self.processes = {}
        self.broker = None
        # Environment of the broker alone: a library to be preloaded, say.
        self.broker_environment = {}
        command = [str(programs / "soak-load"), "prepare", str(self.folder), "--publishers", str(publishers),
                   "--consumers", str(consumers)]
        for line in settings:
            command += ["--setting", line]
        subprocess.run(command, check=True)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for process in [*self.processes.values(), self.broker]:
            if process and process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            if process:
                process.wait()
        if kind is None or not os.environ.get("CASUS_SOAK_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)
        else:
            print(f"kept: {self.folder}\n{self.log()}", file=sys.stderr)

    # The broker

    def start_broker(self, wait=True):
        """Starts it; returns the seconds until it was ready."""
        ready = self.folder / "ready.json"
        ready.unlink(missing_ok=True)
        begun = time.monotonic()
        log = open(self.folder / "casusd.log", "ab")
        self.broker = subprocess.Popen(
            [str(self.programs / "casusd"), "--config", "casusd.yaml"], cwd=self.folder, stdout=log, stderr=log,
            preexec_fn=_die_with_parent, env={**os.environ, **self.broker_environment})
        log.close()
        if wait:
            self.await_broker()
        return time.monotonic() - begun

    def is_ready(self):
        try:
            return json.loads((self.folder / "ready.json").read_text())["pid"] == self.broker.pid
        except (OSError, ValueError):
            return False

    def await_broker(self):
        wait_for("the broker is ready", lambda: self.is_ready() or self._broker_ended(), seconds=120)

    def _broker_ended(self):
        if self.broker.poll() is not None:
            raise Failure(f"casusd ended with {self.broker.returncode}: {self.log()}")

    def log(self, size=600):
        return (self.folder / "casusd.log").read_text(errors="replace")[-size:]

    def kill_broker(self):
        self.broker.kill()
        self.broker.wait()

    def stop_broker(self):
        """SIGTERM; exit code 0 is expected."""
        self.broker.terminate()
        if self.broker.wait(60):
            raise Failure(f"casusd ended with {self.broker.returncode} when it was asked to stop: {self.log()}")

    # Publishers and subscribers

    def environment(self, name):
        state = self.folder / f"state-{name}"
        state.mkdir(exist_ok=True)
        return {
            **os.environ,
            "CASUS_BROKER": f"ipc://{self.folder}/bus",
            "CASUS_BROKER_KEY": (self.folder / "broker.pub").read_text(),
            "CASUS_KEY_FILE": str(self.folder / "keys" / f"{name}.key"),
            "CASUS_IDENTITY": f"jp.soak/{name}",
            "CASUS_STATE": str(state),
            "CASUS_LOG": "error",
        }

    def start(self, name, *arguments, environment=None):
        command = "publish" if name.startswith("p") else "consume"
        log = open(self.folder / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen(
            [str(self.programs / "soak-load"), command, "--notes", str(self.folder / "notes" / name), *arguments],
            cwd=self.folder, stdout=log, stderr=log, preexec_fn=_die_with_parent,
            env={**self.environment(name), **(environment or {})})
        log.close()

    def noted(self, *names):
        """How many entries these processes have written."""
        total = 0
        for name in names:
            try:
                total += (self.folder / "notes" / name).stat().st_size // 32
            except FileNotFoundError:
                pass
        return total

    def end(self, name, seconds=60, expect=0):
        """SIGTERM, and the exit code that is expected."""
        process = self.processes.pop(name)
        if process.poll() is None:
            process.terminate()
        self._reap(name, process, seconds, expect)

    def join(self, name, seconds=120):
        """Waits for a process that ends by itself."""
        self._reap(name, self.processes.pop(name), seconds, 0)

    def _reap(self, name, process, seconds, expect):
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.processes[name] = process
            raise Failure(f"{name} does not end: {self._tail(name)}") from None
        if code != expect:
            raise Failure(f"{name} ended with {code}: {self._tail(name)}")

    def _tail(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-600:]

    def check_alive(self):
        for name, process in self.processes.items():
            if process.poll() not in (None, 0):
                raise Failure(f"{name} ended with {process.returncode}: {self._tail(name)}")

    def check_broker(self):
        if self.broker.poll() is not None:
            raise Failure(f"casusd ended with {self.broker.returncode}: {self.log()}")

    # Questions

    def ask(self, what="status"):
        done = subprocess.run(
            [str(self.programs / "soak-load"), "ask", what], env=self.environment("op"), capture_output=True, text=True,
            timeout=60)
        if done.returncode:
            raise Failure(f"ask {what}: {done.stderr[-400:]}")
        return json.loads(done.stdout)

    def drain(self, seconds=300):
        """Waits until every durable subscription has acknowledged all there is; returns the status then."""
        def drained():
            self.check_alive()
            status = self.ask()
            check_ledger(status)
            subscriptions = [s for s in status["subscriptions"] if s.get("name")]
            done = all(s["pending"] == 0 and s["lag"] == 0 for s in subscriptions)
            return status if done and len(subscriptions) >= len(self.consumers) else None
        return wait_for("every subscriber has acknowledged everything", drained, seconds, pause=0.2)

    def audit(self, *flags, may_fail=False):
        """Holds all notes against the journal; problems are a failure unless they may be."""
        done = subprocess.run(
            [str(self.programs / "soak-load"), "audit", str(self.folder), *flags], capture_output=True, text=True)
        if not done.stdout:
            raise Failure(f"the audit itself failed: {done.stderr[-600:]}")
        report = json.loads(done.stdout)
        if report["problems"] and not may_fail:
            raise Failure("broken promises: " + "; ".join(report["problems"]))
        return report


def notes(path):
    """A process's notes as (latency, moment) in nanoseconds each."""
    words = array.array("Q")
    data = path.read_bytes()
    words.frombytes(data[:len(data) // 32 * 32])
    return list(zip(words[2::4], words[3::4]))


def percentile(values, part):
    """In milliseconds; 0 of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] / 1e6 if ordered else 0.0


def resources(pid):
    """Resident bytes, open descriptors and threads of a process. The journal holds one descriptor for each segment, whose
    number is up to retention: these do not count."""
    def is_segment(number):
        try:
            return os.readlink(f"/proc/{pid}/fd/{number}").endswith(".mcap")
        except OSError:
            return True  # closed meanwhile
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return {"resident": int(status["VmRSS"].split()[0]) * 1024, "threads": int(status["Threads"]),
            "descriptors": sum(not is_segment(number) for number in os.listdir(f"/proc/{pid}/fd"))}


def check_ledger(status):
    """matched = acked + pending + quarantined + dropped, for every subscription."""
    for each in status["subscriptions"]:
        parts = [each[key] for key in ("acked", "pending", "quarantined", "dropped")]
        if each["matched"] != sum(parts):
            raise Failure(f"the ledger of {each['plugin']} {each.get('name')}: {each['matched']} is not "
                          + " + ".join(map(str, parts)))


def run(part):
    """Runs a part's main function: what it prints last is its result; exit code 1 when it fails."""
    begun = time.monotonic()
    try:
        result = part()
    except Failure as failure:
        print(f"FAILED after {time.monotonic() - begun:.0f} s: {failure}")
        sys.exit(1)
    print(f"{result}; {time.monotonic() - begun:.0f} s")
