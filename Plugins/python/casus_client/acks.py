"""Which events of a durable subscription are done, and what to tell the broker (PROTOCOL.md, section 5, `ack`)."""

from __future__ import annotations

import bisect
from typing import Any, Dict, List, Optional, Set


class AckTracker:
    """The state of one durable subscription in this process. A value without a socket.

    The broker takes `through` for what it sent this session for the first time and what was not refused, so a refused
    event holds nothing up. What came again, what is left from an earlier session and all of a group's events are
    acknowledged by name. Tests/Vectors/acks.json has it step by step; the SDK in Swift keeps the same rule.
    """

    MAX_NAMED = 1024
    """Sequences in one ack frame: 1,024 of 20 digits keep it under the 64 KiB of a control frame."""

    def __init__(self, acked: int = 0, is_shared: bool = False) -> None:
        """`acked`: the position that the broker names when the subscription begins. `is_shared`: it is a group's."""
        self.is_shared = is_shared
        # In hand by rising sequence; those of them that are done; those of them that have to be named.
        self._items: List[int] = []
        self._done: Set[int] = set()
        self._named: Set[int] = set()
        self._finished = RecentlyDone()
        # Done ones that the broker is to be told of by name.
        self._to_name: List[int] = []
        self._through = acked
        self._told = acked

    def start_session(self) -> None:
        """The broker takes `through` for what it sends from now on."""
        self._named.update(self._items)

    def deliver(self, sequence: int, again: bool = False) -> bool:
        """Whether this one is to be handled; not when it is in hand already, or was done lately."""
        place = bisect.bisect_left(self._items, sequence)
        if place < len(self._items) and self._items[place] == sequence:
            self._named.add(sequence)
            return False
        if sequence in self._finished:
            # The broker did not hear of it, or forgot.
            self._to_name.append(sequence)
            return False
        self._items.insert(place, sequence)
        if self.is_shared or again or sequence <= self._through:
            self._named.add(sequence)
        return True

    def settle(self, sequence: int) -> None:
        """It has been handled."""
        if self._has(sequence):
            self._done.add(sequence)

    def refuse(self, sequence: int) -> bool:
        """It could not be handled (nack): as if it had not come. False when it is not in hand."""
        if not self._has(sequence) or sequence in self._done:
            return False
        self._items.remove(sequence)
        self._named.discard(sequence)
        return True

    def next(self, subscription: int) -> Optional[Dict[str, Any]]:
        """The next ack frame to send; None when there is nothing to say. Call until it says None."""
        self._take_done()
        ack: Dict[str, Any] = {"op": "ack", "sub": subscription}
        if self._through > self._told:
            self._told = self._through
            ack["through"] = str(self._through)
        if self._to_name:
            ack["also"] = [str(sequence) for sequence in self._to_name[: self.MAX_NAMED]]
            del self._to_name[: self.MAX_NAMED]
        return ack if len(ack) > 2 else None

    def _has(self, sequence: int) -> bool:
        place = bisect.bisect_left(self._items, sequence)
        return place < len(self._items) and self._items[place] == sequence

    def _take_done(self) -> None:
        """Takes out what is done: the named ones wherever they stand, the others as far as nothing before is in hand."""
        if not self._done:
            return
        named = self._done & self._named
        if named:
            self._items = [sequence for sequence in self._items if sequence not in named]
            self._to_name.extend(sorted(named))
            self._take(named)
        count = 0
        while count < len(self._items) and self._items[count] in self._done:
            count += 1
        if count:
            self._through = self._items[count - 1]
            self._take(self._items[:count])
            del self._items[:count]

    def _take(self, sequences: Any) -> None:
        self._done.difference_update(sequences)
        self._named.difference_update(sequences)
        for sequence in sequences:
            self._finished.add(sequence)


class RecentlyDone:
    """The events that were done with last, at least `MOST` of them and at most twice as many, so that one whose
    acknowledgement was lost with a connection is not handled again. An older one would be: at least once."""

    MOST = 65536

    def __init__(self) -> None:
        self._recent: Set[int] = set()
        self._older: Set[int] = set()

    def __contains__(self, sequence: int) -> bool:
        return sequence in self._recent or sequence in self._older

    def add(self, sequence: int) -> None:
        if len(self._recent) == self.MOST:
            self._older, self._recent = self._recent, set()
        self._recent.add(sequence)
