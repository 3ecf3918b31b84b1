"""What a launcher gives a plugin: the environment, the key file, the settings (PROTOCOL.md, section 1)."""

from __future__ import annotations

import json
import os
import re
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple

from .errors import ConfigurationError

_IDENTITY = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*/[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII)
_Z85_KEY = re.compile(rb"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}")


class Connection(NamedTuple):
    """Where the broker is and who we are. `public_key`, `secret_key` and `broker_key` are Z85, 40 characters."""

    endpoint: str
    broker_key: bytes
    public_key: bytes
    secret_key: bytes
    identity: str

    def __repr__(self) -> str:
        # Never the secret key: this ends up in logs and tracebacks.
        return f"<Connection {self.identity} to {self.endpoint}>"


def connection_from_environment(environment: Optional[Mapping[str, str]] = None) -> Connection:
    """The connection that CASUS_BROKER, CASUS_BROKER_KEY, CASUS_KEY_FILE and CASUS_IDENTITY name."""
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
    public, secret = read_key_file(path)
    return Connection(endpoint, _key(broker_key.encode(), "CASUS_BROKER_KEY"), public, secret, identity)


def read_key_file(path: str) -> Tuple[bytes, bytes]:
    """The public and the secret key of a key file, as Z85."""
    try:
        with open(path, "rb") as file:
            text = file.read(65536)
    except OSError as error:
        raise ConfigurationError(f"the key file cannot be read: {error}") from None
    found: Dict[str, bytes] = {}
    for line in text.splitlines():
        if line.startswith(b"#"):
            continue
        # The first colon ends the name: a Z85 key may hold colons of its own.
        name, _, value = line.partition(b":")
        found[name.strip().decode("ascii", "replace")] = value.strip()
    missing = [name for name in ("public", "secret") if name not in found]
    if missing:
        raise ConfigurationError(f"{path} has no line '{missing[0]}: <Z85>'")
    return _key(found["public"], f"{path}: public"), _key(found["secret"], f"{path}: secret")


def _key(text: bytes, place: str) -> bytes:
    if not _Z85_KEY.fullmatch(text):
        raise ConfigurationError(f"{place} is not a Z85 key of 40 characters")
    return text


def settings_from_environment(environment: Optional[Mapping[str, str]] = None) -> Dict[str, Any]:
    """The object in the file that CASUS_SETTINGS names; empty when the variable is absent."""
    path = (os.environ if environment is None else environment).get("CASUS_SETTINGS")
    if not path:
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            settings = json.load(file)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the settings cannot be read: {path}: {error}") from None
    if not isinstance(settings, dict):
        raise ConfigurationError(f"{path} does not hold a JSON object")
    return settings
