"""Looks at what the program signed and hashed with securesystemslib and pymerkle (PyPI).

usage: peers.py VENV FOLDER     FOLDER/cases.json; VENV is made when missing
Exit 77 when the packages cannot be had (no network), 1 when a result differs.
"""

import json
import pathlib
import subprocess
import sys

PACKAGES = ["securesystemslib[crypto]>=1.3,<2", "pymerkle>=6,<8"]
venv, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
try:
    from pymerkle import InmemoryTree
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import SSlibKey
except ImportError:
    python = venv / "bin" / "python"
    made = python.exists() or subprocess.run([sys.executable, "-m", "venv", venv]).returncode == 0
    probe = "import pymerkle, securesystemslib.dsse, cryptography"
    have = made and subprocess.run([python, "-c", probe], stderr=subprocess.DEVNULL).returncode == 0
    if made and not have:
        have = subprocess.run([python, "-m", "pip", "-q", "install", *PACKAGES]).returncode == 0
    if not have or pathlib.Path(sys.prefix) == venv:
        sys.exit(77)
    sys.exit(subprocess.run([python, __file__, *sys.argv[1:]]).returncode)

cases = json.loads((folder / "cases.json").read_text())
failures = 0
for case in cases["envelopes"]:
    keys = [SSlibKey(k["keyid"], "ed25519", "ed25519", {"public": k["public"]}) for k in case["keys"]]
    try:
        envelope = Envelope.from_dict(case["envelope"])
        envelope.verify(keys, case["threshold"])
        valid = True
    except Exception:
        valid = False
    if valid != case["valid"]:
        failures += 1
        print(f"{case['name']}: {valid} there, {case['valid']} here")
tree = InmemoryTree(algorithm="sha256")
for size, root in enumerate(cases["roots"]):
    if size:
        tree.append_entry(bytes([size - 1]))
    if tree.get_state().hex() != root:
        failures += 1
        print(f"the root of {size} leaves differs")
print(f"envelopes {len(cases['envelopes'])} roots {len(cases['roots'])} failures {failures}")
sys.exit(1 if failures else 0)
