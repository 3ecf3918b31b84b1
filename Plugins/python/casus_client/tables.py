"""The tables that Casus programs in every language share, as files beside this module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read_table(name: str) -> Any:
    """A file of this package; it is part of it, so that a missing one is a broken installation."""
    with open(Path(__file__).with_name(name), encoding="utf-8") as file:
        return json.load(file)
