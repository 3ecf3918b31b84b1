"""The shared vectors: what the protocol's frames mean and what has to be refused, made from the types in Swift."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def vectors(name):
    with open(ROOT / "Tests" / "Vectors" / name, encoding="utf-8") as file:
        return json.load(file)
