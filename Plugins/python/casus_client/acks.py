"""Which events of a durable subscription are done, and what to tell the broker (PROTOCOL.md, section 5, `ack`)."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Set, Tuple


class AckTracker:
    """The state of one durable subscription in this process. A value without a socket.

    `through` acknowledges everything delivered for the first time up to it. What is delivered again is named, and while
    something may wait to be (refused with nack, or owed since an earlier session) all is: that is acknowledged in any case.
    """

    MAX_NAMED = 2000
    """Sequences in one ack frame: 2,000 of 20 digits keep it under the 64 KiB of a control frame."""

    def __init__(self) -> None:
        self._start: Optional[int] = None
        self._highest = 0
        self._through = 0
        # What an earlier session was sent and may have lost: first and last sequence; and what of it is done now.
        self._gaps: List[Tuple[int, int]] = []
        self._filled: Set[int] = set()
        self._owed = False
        self._open: Set[int] = set()
        self._refused: Set[int] = set()
        self._done: List[int] = []
        self._repeats: Set[int] = set()
        self._again: List[int] = []

    def begin(self, acked: int, next: int) -> None:
        """A session's `subscribed`: the broker had sent what lies before `next`, and waits beyond `acked`."""
        if self._start is None:
            self._start = acked + 1
            self._highest = acked
        self._gaps = [gap for gap in self._gaps if gap[1] > acked]
        self._filled = {sequence for sequence in self._filled if sequence > acked}
        if next - 1 > self._highest:
            self._gaps.append((self._highest + 1, next - 1))
            self._highest = next - 1
        self._through = acked
        self._owed = acked + 1 < next

    def deliver(self, sequence: int, again: bool = False) -> bool:
        """Whether this one is to be handled. A repetition of what is in hand or done is not; of what is done, the
        broker is told again."""
        if again or sequence <= self._highest:
            self._repeats.add(sequence)
        if sequence in self._open:
            return False
        if self._is_done(sequence):
            self._repeats.discard(sequence)
            self._again.append(sequence)
            return False
        self._refused.discard(sequence)
        self._highest = max(self._highest, sequence)
        self._open.add(sequence)
        return True

    def settle(self, sequence: int) -> None:
        """It has been handled."""
        if sequence in self._open:
            self._open.discard(sequence)
            self._done.append(sequence)
            if self._in_gap(sequence):
                self._filled.add(sequence)

    def refuse(self, sequence: int) -> bool:
        """It could not be handled (nack): it will come again, or go to quarantine. False when it is not in hand."""
        if sequence not in self._open:
            return False
        self._open.discard(sequence)
        self._refused.add(sequence)
        return True

    def next(self, subscription: int) -> Optional[Dict[str, Any]]:
        """The next ack frame to send; None when there is nothing to say. Call until it says None."""
        ack: Dict[str, Any] = {"op": "ack", "sub": subscription}
        if self._done and not self._owed and not self._refused:
            through = min(self._open) - 1 if self._open else self._highest
            if through > self._through:
                self._through = through
                ack["through"] = str(through)
            self._done = [sequence for sequence in self._done if sequence > through or sequence in self._repeats]
        if self._done or self._again:
            again = self._again[: self.MAX_NAMED]
            named = self._done[: self.MAX_NAMED - len(again)]
            del self._again[: len(again)]
            del self._done[: len(named)]
            self._repeats.difference_update(named)
            ack["also"] = [str(sequence) for sequence in again + named]
        return ack if len(ack) > 2 else None

    def _is_done(self, sequence: int) -> bool:
        if self._start is None or not self._start <= sequence <= self._highest or sequence in self._refused:
            return False
        return sequence in self._filled or not self._in_gap(sequence)

    def _in_gap(self, sequence: int) -> bool:
        return any(first <= sequence <= last for first, last in self._gaps)


class GroupAcks(AckTracker):
    """The same for a member of a group: each event by itself, since what is before it may be other members' work, and
    one that this process has handled may come again as another's that was not."""

    def begin(self, acked: int, next: int) -> None:
        """A session's `subscribed`."""

    def deliver(self, sequence: int, again: bool = False) -> bool:
        """Whether this one is to be handled: unless it is in hand."""
        if sequence in self._open:
            return False
        self._open.add(sequence)
        return True

    def settle(self, sequence: int) -> None:
        """It has been handled."""
        if sequence in self._open:
            self._open.discard(sequence)
            self._done.append(sequence)

    def refuse(self, sequence: int) -> bool:
        """It could not be handled: another member may get it. False when it is not in hand."""
        if sequence not in self._open:
            return False
        self._open.discard(sequence)
        return True

    def next(self, subscription: int) -> Optional[Dict[str, Any]]:
        """The next ack frame to send; None when there is nothing to say. Call until it says None."""
        if not self._done:
            return None
        named = self._done[: self.MAX_NAMED]
        del self._done[: len(named)]
        return {"op": "ack", "sub": subscription, "also": [str(sequence) for sequence in named]}
