"""Logging as launchers expect it: to stderr, one line an entry, `LEVEL message key=value`."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

from .harmless import shown

log = logging.getLogger("casus")


class LineFormatter(logging.Formatter):
    """One line an entry, whatever the message or a traceback holds."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{record.levelname} {record.getMessage()}"
        if record.exc_info and record.exc_info[1] is not None:
            line += fields(error=repr(record.exc_info[1]), at=_place(record.exc_info[2]))
        return shown(line)


def _place(traceback: Any) -> str:
    """File and line of where an exception was raised."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    if traceback is None:
        return "unknown"
    return f"{traceback.tb_frame.f_code.co_filename}:{traceback.tb_lineno}"


def fields(**values: Any) -> str:
    """` key=value …`, values with spaces or quotes as JSON strings, None left out."""
    parts = []
    for name, value in values.items():
        if value is None:
            continue
        text = str(value)
        if not text or any(character in text for character in " \"=\t\r\n"):
            text = json.dumps(text, ensure_ascii=False)
        parts.append(f" {name}={text}")
    return "".join(parts)


def log_to_stderr(level: int = logging.INFO) -> None:
    """Sends this package's entries to stderr. For programs; a library's user may have a logging of their own."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter())
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False
