"""A plugin as a process: signals, logging and exit codes."""

from __future__ import annotations

import signal
import sys
from typing import Any, Callable

from .client import Client
from .errors import CasusError, ConfigurationError, Refusal, Stopped
from .logs import fields, log, log_to_stderr

EXIT_FAILED = 1
EXIT_REFUSED = 77
EXIT_CONFIGURATION = 78
"""As sysexits.h numbers them."""


def run(plugin: Callable[[Client], Any], program: str, version: str = "1.0.0", **manifest: Any) -> int:
    """Connects as the environment says, calls `plugin` with the client, and gives the exit code: 0 when it returned
    or was asked to end (SIGTERM, SIGINT), 77 when the broker will have none of this client, 78 when the environment
    or the settings are wrong, 1 when something else was raised. Of the main thread, because of the signals.
    """
    log_to_stderr()
    try:
        client = Client.from_environment(program, version, **manifest)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, frame: client.stop())
        with client:
            plugin(client)
    except Stopped:
        pass
    except ConfigurationError as error:
        log.error("%s", error)
        return EXIT_CONFIGURATION
    except Refusal as error:
        log.error("refused%s", fields(error=error, advice=error.advice or None))
        return EXIT_REFUSED
    except CasusError as error:
        log.error("%s", error)
        return EXIT_FAILED
    except Exception:
        log.exception("the plugin failed")
        return EXIT_FAILED
    return 0


def main(plugin: Callable[[Client], Any], program: str, version: str = "1.0.0", **manifest: Any) -> None:
    """`run`, and ends the process with its code."""
    sys.exit(run(plugin, program, version, **manifest))
