"""A client of Casus brokers in plain pyzmq, written from PROTOCOL.md. See README.md beside this package."""

from .analyzer import AnalyzerRun, Fold
from .client import Client
from .credit import Window
from .errors import (
    Accepted, CasusError, ConfigurationError, Disconnected, JournalReplaced, KeyRefused, MissingFile, OpenKeyFile, Outcome,
    Refusal, Stopped,
)
from .events import (
    MARKS, Event, Origin, derived_id, encode_event, format_time, make_event, may_replace, parse_time, sha256_hex,
    strictest,
)
from .keys import read_key_file
from .logs import fields, log, log_to_stderr
from .process import EXIT, main, run
from .settings import Connection, connection_from_environment, settings_from_environment
from .shelf import Fallen, SourceShelf
from .statements import DECISION, POSITION, StatementError, read_envelope, read_statement
from .subscription import Subscription

__all__ = [
    "Accepted", "AnalyzerRun", "CasusError", "Client", "ConfigurationError", "Connection", "DECISION", "Disconnected",
    "EXIT", "Event", "Fallen", "Fold", "JournalReplaced", "KeyRefused", "MARKS", "MissingFile", "OpenKeyFile", "Origin",
    "Outcome", "POSITION", "Refusal", "SourceShelf", "StatementError", "Stopped", "Subscription", "Window",
    "connection_from_environment", "derived_id", "encode_event", "fields", "format_time", "log", "log_to_stderr",
    "main", "make_event", "may_replace", "parse_time", "read_envelope", "read_key_file", "read_statement", "run",
    "settings_from_environment", "sha256_hex", "strictest",
]
