"""Marks travel: what follows from marked events, or names them, carries their marks (PROTOCOL.md, section 7)."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, Tuple

from .events import DESCENDS, EXERCISE, MARKS, REPLAYED, Event, encode_event, read_number

Key = Tuple[str, str]


class Heritage:
    """The marked events that a client has handed out, by source and id; the last 50,000 to 100,000 of them. What it has
    forgotten the broker may know still: then it refuses what does not carry the mark."""

    MOST = 50_000

    def __init__(self) -> None:
        self._newer: Dict[Key, int] = {}
        self._older: Dict[Key, int] = {}

    def note(self, event: Event) -> None:
        """An event is handed out."""
        marks = event.flags & MARKS
        if not marks:
            return
        self._newer[(event.source, event.id)] = marks
        if len(self._newer) >= self.MOST:
            self._older, self._newer = self._newer, {}

    def pass_on(self, text: bytes, marks: int = 0) -> Tuple[bytes, bool]:
        """An event of ours with `exercise` set where it rests on an exercise's, and whether it descends from replayed ones.

        `marks` are the flags of the event that it follows from. Bytes that carry all they have to stay as they are."""
        event: Any = None
        if (self._newer or self._older) and b"sha256" in text:
            event = _read(text)
            for key in references(event.get("data") if isinstance(event, dict) else None):
                marks |= self._newer.get(key, self._older.get(key, 0))
        if marks & EXERCISE:
            event = event or _read(text)
            if isinstance(event, dict) and event.get("exercise") is not True:
                text = encode_event({**event, "exercise": True})
        return text, bool(marks & (REPLAYED | DESCENDS))


def references(data: Any) -> Iterator[Key]:
    """Source and id of each reference in an event's data: every object with `source`, `id` and `sha256`, but for what stands
    under the name `about`, which an event speaks of and does not rest on."""
    if isinstance(data, list):
        for element in data:
            yield from references(element)
    elif isinstance(data, dict):
        source, id = data.get("source"), data.get("id")
        if isinstance(source, str) and isinstance(id, str) and isinstance(data.get("sha256"), str):
            yield source, id
        for name, value in data.items():
            if name != "about" and isinstance(value, (dict, list)):
                yield from references(value)


def _read(text: bytes) -> Any:
    try:
        return json.loads(text, parse_float=read_number)
    except ValueError:
        return None  # No event: the broker says what is wrong with it.
