"""A plugin as a process: signals, logging and exit codes."""

from __future__ import annotations

import signal
import sys
from typing import Any, Callable

from .client import Client
from .errors import (
    PROTOCOL_VERSION, CasusError, ConfigurationError, Disconnected, JournalReplaced, KeyRefused, MissingFile,
    OpenKeyFile, Refusal, Stopped,
)
from .logs import fields, log, log_to_stderr
from .tables import read_table

EXIT = {row["name"]: row["number"] for row in read_table("exit_codes.json")}
"""The exit codes by name, as every program of Casus has them: `EXIT["configuration"]` is 78."""


def exit_code(error: BaseException) -> int:
    """How a plugin's process ends by an error that it did not handle."""
    if isinstance(error, MissingFile):
        return EXIT["no-input"]
    if isinstance(error, OpenKeyFile):
        return EXIT["not-permitted"]
    if isinstance(error, ConfigurationError):
        return EXIT["configuration"]
    if isinstance(error, KeyRefused):
        return EXIT["not-permitted"]
    if isinstance(error, Disconnected):
        return EXIT["unreachable"]
    if isinstance(error, JournalReplaced):
        return EXIT["try-again"]
    if isinstance(error, Refusal):
        if error.code == PROTOCOL_VERSION:
            return EXIT["protocol-mismatch"]
        # 2xx: the identity or a right.
        return EXIT["not-permitted"] if 200 <= error.code < 300 else EXIT["failed"]
    return EXIT["failed"]


def run(plugin: Callable[[Client], Any], program: str, version: str = "1.0.0", **manifest: Any) -> int:
    """Connects as the environment says, calls `plugin` with the client, and gives the exit code: 0 when it returned
    or was asked to end (SIGTERM, SIGINT, SIGHUP), otherwise `exit_code` of what was raised. Of the main thread, because
    of the signals.
    """
    log_to_stderr()
    try:
        client = Client.from_environment(program, version, **manifest)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda number, frame: client.stop())
        with client:
            plugin(client)
    except Stopped:
        pass
    except ConfigurationError as error:
        log.error("%s", error)
        return exit_code(error)
    except CasusError as error:
        log.error("ended%s", fields(error=error, advice=getattr(error, "advice", None) or None))
        return exit_code(error)
    except Exception:
        log.exception("the plugin failed")
        return EXIT["failed"]
    return EXIT["ok"]


def main(plugin: Callable[[Client], Any], program: str, version: str = "1.0.0", **manifest: Any) -> None:
    """`run`, and ends the process with its code."""
    sys.exit(run(plugin, program, version, **manifest))
