"""What a launcher gives a plugin: the environment, the key file, the settings (PROTOCOL.md, section 1)."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Dict, Mapping, NamedTuple, Optional

from .errors import ConfigurationError, MissingFile
from .keys import check_key, read_key_file

_IDENTITY = re.compile(r"(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*/(?!-)[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII)


class Connection(NamedTuple):
    """Where the broker is and who we are. `public_key`, `secret_key` and `broker_key` are Z85, 40 characters."""

    endpoint: str
    broker_key: bytes
    public_key: bytes
    secret_key: bytes
    identity: str
    patience: Optional[float] = None
    """Seconds to go on without a broker before giving up; None: for ever. Counts anew whenever a session is lost."""

    def __repr__(self) -> str:
        # Never the secret key: this ends up in logs and tracebacks.
        return f"<Connection {self.identity} to {self.endpoint}>"


def connection_from_environment(environment: Optional[Mapping[str, str]] = None) -> Connection:
    """The connection that CASUS_BROKER, CASUS_BROKER_KEY, CASUS_KEY_FILE and CASUS_IDENTITY name, and CASUS_CONNECT_TIMEOUT
    (seconds; may be absent). ConfigurationError also for a CASUS_OUTBOX that would promise what this client cannot keep."""
    variables = os.environ if environment is None else environment
    names = ("CASUS_BROKER", "CASUS_BROKER_KEY", "CASUS_KEY_FILE", "CASUS_IDENTITY")
    missing = [name for name in names if not variables.get(name)]
    if missing:
        raise ConfigurationError(f"not set: {', '.join(missing)}; a launcher (casus up) sets them")
    endpoint, broker_key, path, identity = (variables[name] for name in names)
    if not _IDENTITY.fullmatch(identity):
        raise ConfigurationError(f"CASUS_IDENTITY is not AGENCY/PLUGIN: {identity!r}")
    if not endpoint.startswith(("tcp://", "ipc://")):
        raise ConfigurationError(f"CASUS_BROKER is neither tcp:// nor ipc://: {endpoint!r}")
    if endpoint.startswith("tcp://"):
        _, colon, port = endpoint.rpartition(":")
        if not (colon and port.isascii() and port.isdigit() and 0 < int(port) <= 65535):
            raise ConfigurationError(f"CASUS_BROKER has no port from 1 to 65535 at its end: {endpoint!r}")
    outbox = variables.get("CASUS_OUTBOX") or "memory"
    if outbox != "memory":
        raise ConfigurationError(
            f"CASUS_OUTBOX is {outbox!r}, but this client keeps events in memory only: they would not outlive the process; "
            "set it to memory or leave it out")
    public, secret = read_key_file(path)
    return Connection(
        endpoint, check_key(broker_key.encode(), "CASUS_BROKER_KEY"), public, secret, identity, _patience(variables))


def _patience(variables: Mapping[str, str]) -> Optional[float]:
    text = variables.get("CASUS_CONNECT_TIMEOUT")
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e9:
        raise ConfigurationError(f"CASUS_CONNECT_TIMEOUT is {text!r}, not a number of seconds above 0")
    return seconds


def settings_from_environment(environment: Optional[Mapping[str, str]] = None) -> Dict[str, Any]:
    """The object in the file that CASUS_SETTINGS names; empty when the variable is absent."""
    path = (os.environ if environment is None else environment).get("CASUS_SETTINGS")
    if not path:
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            settings = json.load(file)
    except OSError as error:
        raise MissingFile(f"the settings cannot be read: {path}: {error}") from None
    except ValueError as error:
        raise ConfigurationError(f"the settings cannot be read: {path}: {error}") from None
    if not isinstance(settings, dict):
        raise ConfigurationError(f"{path} does not hold a JSON object")
    return settings
