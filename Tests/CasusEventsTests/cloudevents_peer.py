"""Reads the program's events with PyPI's cloudevents, and writes events for the program to read.

usage: cloudevents_peer.py VENV FOLDER      FOLDER/ours.jsonl in, FOLDER/theirs.jsonl out; VENV is made when missing
Exit 77 when the package cannot be had (no network), 1 when something differs.
"""

import json
import pathlib
import subprocess
import sys

venv, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
try:
    from cloudevents.conversion import to_json
    from cloudevents.http import CloudEvent, from_json
except ImportError:
    python = venv / "bin" / "python"
    made = python.exists() or subprocess.run([sys.executable, "-m", "venv", venv]).returncode == 0
    have = made and subprocess.run([python, "-c", "import cloudevents"], stderr=subprocess.DEVNULL).returncode == 0
    if made and not have:
        have = subprocess.run([python, "-m", "pip", "-q", "install", "cloudevents>=1.11,<2"]).returncode == 0
    if not have or pathlib.Path(sys.prefix) == venv:
        sys.exit(77)
    sys.exit(subprocess.run([python, __file__, *sys.argv[1:]]).returncode)

failures = 0
theirs = []
for line in (folder / "ours.jsonl").read_text().splitlines():
    wanted = json.loads(line)
    event = from_json(line)
    attributes = {k: v for k, v in wanted.items() if k != "data"}
    read = dict(event.get_attributes())
    if read != attributes or event.data != wanted["data"]:
        failures += 1
        print(f"{wanted['type']}: read {read}, wanted {attributes}")
    # Once as read, once built anew from its parts.
    theirs.append(to_json(event).decode())
    theirs.append(to_json(CloudEvent(attributes, wanted["data"])).decode())
(folder / "theirs.jsonl").write_text("\n".join(theirs) + "\n")
print(f"read {len(theirs) // 2} failures {failures}")
sys.exit(1 if failures else 0)
