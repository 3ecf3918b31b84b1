"""The shared vectors: what the protocol's frames mean and what has to be refused, made from the types in Swift."""

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / "Tests" / "Vectors"


def vectors(name):
    with open(FOLDER / name, encoding="utf-8") as file:
        return json.load(file)
