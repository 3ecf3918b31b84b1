"""Events as a plugin reads and makes them: CloudEvents 1.0 in JSON with the stamp beside (PROTOCOL.md, section 10)."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timezone
from typing import Any, Dict, Iterable, NamedTuple, Optional

REPLAYED = 1
EXERCISE = 2
REDELIVERED = 4
DESCENDS = 8
MARKS = REPLAYED | EXERCISE | DESCENDS
"""What an event carries on to what rests on it."""
_TLP_SHIFT = 8

TLP = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
"""The Traffic Light Protocol's marks, the most open first."""

_TIME = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Origin(NamedTuple):
    """Where an event comes from, as far as it matters to whose place it takes: its source, and the marks of its stamp."""

    source: str
    marks: int

    def may_replace(self, earlier: "Origin") -> bool:
        """Whether an event from here takes the place of one from there: where its source may, and where both are marked
        alike. What is corrected in an exercise or in a replay is not corrected for real."""
        return self.marks == earlier.marks and may_replace(self.source, earlier.source)


class Event:
    """An accepted event: its bytes as its publisher sent them, and the broker's stamp.

    `sequence` is its place in the journal, `recorded` when the broker accepted it (nanoseconds since 1970), `sender`
    the authenticated publisher. The text is parsed at the first use of `json` or of what rests on it. Not for
    sharing between threads.
    """

    __slots__ = ("sequence", "recorded", "sender", "flags", "view", "_json")

    def __init__(self, sequence: int, recorded: int, sender: str, flags: int, view: memoryview) -> None:
        self.sequence = sequence
        self.recorded = recorded
        self.sender = sender
        self.flags = flags
        self.view = view
        self._json: Optional[Dict[str, Any]] = None

    @property
    def bytes(self) -> bytes:
        """A copy of the event's text."""
        return bytes(self.view)

    @property
    def json(self) -> Dict[str, Any]:
        """The whole event; an attribute that is None is not set. ValueError when the text is not JSON, which the broker never lets through."""
        if self._json is None:
            self._json = json.loads(str(self.view, "utf-8"), parse_float=read_number)
        return self._json

    @property
    def data(self) -> Dict[str, Any]:
        return self.json["data"]

    @property
    def type(self) -> str:
        return self.json["type"]

    @property
    def id(self) -> str:
        return self.json["id"]

    @property
    def source(self) -> str:
        return self.json["source"]

    @property
    def origin(self) -> Origin:
        return Origin(self.source, self.flags & MARKS)

    @property
    def is_replayed(self) -> bool:
        """Whether it came from a capture: then its source may be another's than the sender."""
        return bool(self.flags & REPLAYED)

    @property
    def is_exercise(self) -> bool:
        return bool(self.flags & EXERCISE)

    @property
    def descends(self) -> bool:
        """Whether it rests on replayed events, or may rest on marked ones."""
        return bool(self.flags & DESCENDS)

    @property
    def is_redelivered(self) -> bool:
        return bool(self.flags & REDELIVERED)

    @property
    def tlp(self) -> str:
        """The Traffic Light Protocol's mark, from the stamp where the broker put it there."""
        rank = self.flags >> _TLP_SHIFT & 7
        return TLP[rank - 1] if 1 <= rank <= len(TLP) else self.json["tlp"]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.view).hexdigest()

    @property
    def reference(self) -> Dict[str, str]:
        """What another event names this one by. Without the sequence, so that a replay derives the same bytes."""
        return {"source": self.source, "id": self.id, "sha256": self.sha256}

    def __repr__(self) -> str:
        return f"<Event {self.sequence} from {self.sender}, {len(self.view)} bytes>"


def read_number(text: str) -> Any:
    """A JSON number with a fraction or an exponent: an int where it is a whole one, since `1e2` and `100` are one number."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 1 << 63 else value


def make_event(
    type: str,
    data: Dict[str, Any],
    *,
    source: str,
    id: str,
    time: str,
    tlp: str = "AMBER",
    subject: Optional[str] = None,
    exercise: bool = False,
    **attributes: Any,
) -> bytes:
    """An event's text: sorted members, no spaces, so that equal content gives equal bytes.

    `source` is `//` and the publisher's identity. Give the same thing the same `id`: the broker then answers a
    repetition as a duplicate instead of keeping it twice. `attributes` are the optional ones (correlationid,
    causationid, traceparent); None leaves one out.
    """
    event: Dict[str, Any] = {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": type,
        "time": time,
        "datacontenttype": "application/json",
        "dataschema": f"urn:casus:schema:{type}",
        "tlp": tlp,
        "data": data,
    }
    if subject is not None:
        event["subject"] = subject
    if exercise:
        event["exercise"] = True
    event.update((name, value) for name, value in attributes.items() if value is not None)
    return encode_event(event)


def encode_event(event: Dict[str, Any]) -> bytes:
    """ValueError when a number is not finite or a string holds half a surrogate pair: no JSON for either."""
    return json.dumps(
        event, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode("utf-8")


def sha256_hex(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def derived_id(*parts: Any) -> str:
    """An id that follows from its parts and nothing else: 32 hexadecimal digits.

    The parts are hashed with their lengths, so that no two lists of parts run together.
    """
    digest = hashlib.sha256()
    for part in parts:
        text = str(part).encode("utf-8")
        digest.update(len(text).to_bytes(8, "big"))
        digest.update(text)
    return digest.hexdigest()[:32]


def may_replace(source: str, owner: str) -> bool:
    """Whether an event of this source may supersede, withdraw or revise one of that: its own, or, where the broker let it
    through, its agency's. Never another agency's."""
    ours, theirs = source.split("/"), owner.split("/")
    return source == owner or min(len(ours), len(theirs)) > 3 and ours[:3] == theirs[:3]


def parse_time(text: str) -> int:
    """RFC 3339 to nanoseconds since 1970, exactly. ValueError when it is not such a time."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"not an RFC 3339 time: {text!r}")
    seconds, fraction, zone = found.groups()
    moment = datetime.fromisoformat(seconds + ("+00:00" if zone == "Z" else zone))
    whole = moment - _EPOCH
    return (whole.days * 86400 + whole.seconds) * 1_000_000_000 + int((fraction or "").ljust(9, "0"))


def format_time(nanoseconds: int) -> str:
    """The inverse of parse_time, in UTC with the shortest exact fraction."""
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    text = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    digits = f"{fraction:09d}".rstrip("0")
    return f"{text}.{digits}Z" if digits else f"{text}Z"


def strictest(marks: Iterable[str]) -> str:
    """The most closed of the marks; RED when there is none, or one that is not known."""
    ranks = [TLP.index(mark) if mark in TLP else len(TLP) - 1 for mark in marks]
    return TLP[max(ranks)] if ranks else "RED"
