"""What is kept of a stream within bounds that one publisher cannot fill at the others' cost."""

from __future__ import annotations

from typing import Dict, Generic, Iterator, List, Mapping, Optional, Tuple, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Fallen:
    """What fell off a shelf, counted by publisher."""

    def __init__(self) -> None:
        self.by_sender: Dict[str, int] = {}

    @property
    def total(self) -> int:
        return sum(self.by_sender.values())

    def note(self, what: str) -> Optional[str]:
        """`40 reports of 2 publishers were forgotten for want of room, most of jp.nisc/outage-1`; None where none was."""
        if not self.by_sender:
            return None
        most = min(self.by_sender, key=lambda sender: (-self.by_sender[sender], sender))
        publishers = "1 publisher" if len(self.by_sender) == 1 else f"{len(self.by_sender)} publishers"
        return f"{self.total} {what} of {publishers} were forgotten for want of room, most of {most}"


class SourceShelf(Generic[K, V]):
    """What is kept by key; when it is full the oldest of whoever holds most falls, so that a flood drives out nothing but
    itself. Swift's SourceShelf, to the last entry: shared vectors hold both to it.

    At least `capacity` entries stay, and at most an eighth more. Who holds most is asked of publishers (`sender`)
    first, then of that publisher's sources, which differ where somebody plays a capture again.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = max(1, capacity)
        self.fallen = Fallen()
        # In the order of the insertions.
        self._entries: Dict[K, Tuple[V, str, str]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries)

    def get(self, key: K) -> Optional[V]:
        entry = self._entries.get(key)
        return None if entry is None else entry[0]

    def insert(self, value: V, key: K, sender: str, source: str) -> List[Tuple[K, V]]:
        """Keeps a value; what was there under its key keeps its age and its holder. Gives what fell for it."""
        known = self._entries.get(key)
        if known is not None:
            self._entries[key] = (value, known[1], known[2])
            return []
        self._entries[key] = (value, sender, source)
        return self._make_room() if len(self._entries) > self.capacity + self.capacity // 8 else []

    def remove(self, key: K) -> Optional[V]:
        entry = self._entries.pop(key, None)
        return None if entry is None else entry[0]

    def _make_room(self) -> List[Tuple[K, V]]:
        held: Dict[str, Dict[str, int]] = {}
        for _, sender, source in self._entries.values():
            sources = held.setdefault(sender, {})
            sources[source] = sources.get(source, 0) + 1
        surplus = len(self._entries) - self.capacity
        losses = {
            (sender, source): loss
            for sender, share in fair_losses({name: sum(of.values()) for name, of in held.items()}, surplus).items()
            for source, loss in fair_losses(held[sender], share).items()
        }
        gone: List[Tuple[K, V]] = []
        for key, (value, sender, source) in list(self._entries.items()):
            if losses.get((sender, source), 0) > 0:
                losses[sender, source] -= 1
                del self._entries[key]
                self.fallen.by_sender[sender] = self.fallen.by_sender.get(sender, 0) + 1
                gone.append((key, value))
        return gone


def fair_losses(held: Mapping[str, int], surplus: int) -> Dict[str, int]:
    """How many of each holder's go where `surplus` have to: one after another of whoever has most, of those that have
    equally many of the first by name."""

    def above(level: int) -> int:
        return sum(max(0, count - level) for count in held.values())

    level, high = 0, max(held.values(), default=0)
    while level < high:
        middle = (level + high) // 2
        if above(middle) <= surplus:
            high = middle
        else:
            level = middle + 1
    losses = {name: count - level for name, count in held.items() if count > level}
    rest = surplus - above(level)
    if level > 0 and rest > 0:
        for name in sorted(name for name, count in held.items() if count >= level)[:rest]:
            losses[name] = losses.get(name, 0) + 1
    return losses
