"""What can go wrong, and the broker's table of error numbers."""

from __future__ import annotations

from typing import Any, Dict, NamedTuple, Optional, Union

from .tables import read_table

# Numbers that the client itself acts on (PROTOCOL.md, sections 5 to 8). What the others mean stands in errors.json.
NO_SESSION = 104
PROTOCOL_VERSION = 105
WINDOW_EXCEEDED = 107
UNAUTHENTICATED = 200
KEY_REVOKED = 202
SUPERSEDED = 207
EVENT_TOO_LARGE = 304
SUBSCRIPTION_IN_USE = 402


TABLE: Dict[int, Dict[str, Any]] = {entry["code"]: entry for entry in read_table("errors.json")["errors"]}
"""The broker's errors by number: name, retriable, summary, advice."""


class CasusError(Exception):
    """Anything that this package raises of itself."""


class ConfigurationError(CasusError):
    """A variable, key or setting is missing or wrong: starting again without a change will not help."""


class MissingFile(ConfigurationError):
    """A key file or a settings file is not there, or cannot be read."""


class OpenKeyFile(ConfigurationError):
    """Others may read the key file, or it is another user's."""


class Disconnected(CasusError):
    """No session, or none in time."""


class KeyRefused(Disconnected):
    """None in time, and the broker was there: it did not let this key in."""


class JournalReplaced(CasusError):
    """The broker's journal has another id than the one that was read, or ends before what was read: an old copy of it."""


class Stopped(CasusError):
    """The process was asked to end (SIGTERM, SIGINT) or the client was closed."""


class Refusal(CasusError):
    """The broker refused a command or an event. Match on `code`, never on the message."""

    def __init__(
        self,
        code: int,
        name: str,
        message: str = "",
        pointer: Optional[str] = None,
        schema: Optional[str] = None,
        schema_pointer: Optional[str] = None,
        is_fatal: bool = False,
        retry_after: float = 0.0,
        is_retriable: Optional[bool] = None,
    ) -> None:
        """`is_retriable`: None for what the table says."""
        super().__init__(message or name)
        self.code = code
        self.name = name
        self.message = message
        self.pointer = pointer
        self.schema = schema
        self.schema_pointer = schema_pointer
        self.is_fatal = is_fatal
        self.retry_after = retry_after
        """Seconds before which it is of no use to try again."""
        self.is_retriable = bool(TABLE.get(code, {}).get("retriable")) if is_retriable is None else is_retriable
        """Whether the same bytes may be accepted later."""

    @classmethod
    def read(cls, found: Dict[str, Any]) -> "Refusal":
        """From an `error` frame or a member of `refused`."""
        code = found.get("code")
        wait = found.get("retry_after_ms")
        return cls(
            code if isinstance(code, int) else 0,
            str(found.get("name", "unnamed")),
            str(found.get("message", "")),
            found.get("pointer"),
            found.get("schema"),
            found.get("schema_pointer"),
            found.get("fatal") is True,
            wait / 1000 if isinstance(wait, int) and wait > 0 else 0.0,
            found.get("retriable") is True,
        )

    @property
    def advice(self) -> str:
        return str(TABLE.get(self.code, {}).get("advice", ""))

    def __str__(self) -> str:
        place = f" at {self.pointer}" if self.pointer else ""
        return f"{self.code} {self.name}{place}: {self.message}" if self.message else f"{self.code} {self.name}{place}"


class Accepted(NamedTuple):
    """An event that is kept: its place in the journal, whether it was there before, and how it is kept (`disk`)."""

    sequence: int
    is_duplicate: bool
    durability: str


Outcome = Union[Accepted, Refusal]
