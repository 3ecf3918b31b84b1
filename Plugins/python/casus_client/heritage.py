"""Marks travel: what follows from marked events, or names them, carries their marks (PROTOCOL.md, section 7)."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, Tuple

from .events import DESCENDS, EXERCISE, MARKS, REPLAYED, Event, encode_event, read_number

Key = Tuple[str, str]


class Heritage:
    """The marked events that a client has handed out, and those that it was given to publish, by source and id; the last 50,000
    to 100,000 of them. What it has forgotten the broker may know still: then it refuses what does not say that it is an
    exercise's."""

    MOST = 50_000

    def __init__(self) -> None:
        self._newer: Dict[Key, int] = {}
        self._older: Dict[Key, int] = {}

    def note(self, event: Event) -> None:
        """An event is handed out."""
        marks = event.flags & MARKS
        if marks:
            self._keep((event.source, event.id), marks)

    def _keep(self, key: Key, marks: int) -> None:
        self._newer[key] = self._newer.get(key, 0) | marks
        if len(self._newer) >= self.MOST:
            self._older, self._newer = self._newer, {}

    def pass_on(self, text: bytes, marks: int = 0) -> Tuple[bytes, bool]:
        """An event of ours with `exercise` set where it rests on an exercise's, and whether it descends from replayed ones.

        `marks` are the flags of the event that it follows from. Bytes that carry all they have to stay as they are. What names it
        does the same, before anybody has read it."""
        marks &= MARKS
        names = bool(self._newer or self._older) and _may_hold(text, b"sha256")
        if not (marks or names or _may_hold(text, b"exercise")):
            return text, False
        event = _read(text)
        if not isinstance(event, dict):
            return text, bool(marks & (REPLAYED | DESCENDS))
        try:
            for key in references(event.get("data")) if names else ():
                marks |= self._newer.get(key, self._older.get(key, 0))
        except RecursionError:
            return text, bool(marks & (REPLAYED | DESCENDS))  # Too deep for the broker as well, which says so.
        if event.get("exercise") is True:
            marks |= EXERCISE
        elif marks & EXERCISE:
            text = encode_event({**event, "exercise": True})
        source, id = event.get("source"), event.get("id")
        if marks and isinstance(source, str) and isinstance(id, str):
            self._keep((source, id), marks)
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


def _may_hold(text: bytes, name: bytes) -> bool:
    """Whether a JSON text may hold a string of ASCII letters, as it stands or with letters of it written as escapes
    (`\\u0073ha256`). What may is read."""
    return name in text or b"\\u00" in text


def _read(text: bytes) -> Any:
    try:
        return json.loads(text, parse_float=read_number)
    except (ValueError, RecursionError):
        return None  # No event: the broker says what is wrong with it.
