"""The policy file: the numbers that no published scale gives, with the author who answers for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, NamedTuple, Optional

from casus_client import ConfigurationError, MissingFile, sha256_hex

from .facts import NAMES

DEFAULT = Path(__file__).with_name("policy.json")


class Policy(NamedTuple):
    content: Dict[str, Any]
    sha256: str
    """Of the file's bytes: it stands in every assessment, so that each can be computed again."""

    @property
    def author(self) -> str:
        return self.content["author"]


def read_policy(path: Optional[str] = None) -> Policy:
    """ConfigurationError says what is wrong with the file; MissingFile, which is one, that it cannot be read."""
    place = Path(path) if path else DEFAULT
    try:
        text = place.read_bytes()
        content = json.loads(text)
        _check(content)
    except OSError as error:
        raise MissingFile(f"the damage policy cannot be read: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"{place} is not a damage policy: {type(error).__name__}: {error}") from None
    return Policy(content, sha256_hex(text))


def _check(content: Dict[str, Any]) -> None:
    if not isinstance(content["author"], str) or not 0 < len(content["author"]) <= 200:
        raise ValueError("author has to be a line")
    certain, possible = (float(content["technique_probability"][name]) for name in ("seen_from", "possible_from"))
    if not 0 < possible <= certain <= 1:
        raise ValueError("0 < possible_from <= seen_from <= 1 does not hold")
    for unit in ("users", "megawatts"):
        if float(content["wide_scale"][unit]) <= 0:
            raise ValueError(f"wide_scale.{unit} has to be above 0")
    for kind in ("theft", "integrity", "misuse", "damage"):
        if not all(isinstance(technique, str) for technique in content["techniques"][kind]):
            raise ValueError(f"techniques.{kind} has to be a list of ids")
    levels = [row["level"] for row in content["ppd41"]]
    if levels != sorted(levels, reverse=True) or not set(levels) <= set(range(6)):
        raise ValueError("the rows of ppd41 have to fall from level 5 at most to 0 at least")
    for row in content["ppd41"]:
        for name, least in row["when"].items():
            if name not in NAMES or not isinstance(least, int) or not 1 <= least < len(NAMES[name]):
                raise ValueError(f"ppd41 has a condition that no input meets: {name} >= {least}")
        if not isinstance(row["why"], str):
            raise ValueError("why has to be a text")
