"""Key files: text that only its owner may read."""

from __future__ import annotations

import os
import re
import stat
import struct
from typing import Dict, Tuple

from .errors import ConfigurationError, MissingFile, OpenKeyFile

_Z85_KEY = re.compile(rb"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}")
_MOST_BYTES = 4096


def read_key_file(path: str) -> Tuple[bytes, bytes]:
    """The public and the secret key of a key file, as Z85. ConfigurationError also when others could have read or
    written it. What systemd hands a service as a credential passes: root's file, which an access list opens to the
    service's user alone, to read."""
    try:
        # Without waiting for a writer, should it be a pipe.
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK), "rb") as file:
            _check_owner(file.fileno(), path)
            text = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise MissingFile(f"key file {path}: {error.strerror}") from None
    if len(text) > _MOST_BYTES:
        raise ConfigurationError(f"key file {path} is longer than {_MOST_BYTES} bytes, so it is no key file")
    found: Dict[bytes, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith(b"#"):
            continue
        # The first colon ends the name: a Z85 key may hold colons of its own.
        name, _, value = line.partition(b":")
        if name not in (b"public", b"secret"):
            raise ConfigurationError(f"key file {path}: line {number}: neither 'public:', 'secret:' nor a comment")
        if name in found:
            raise ConfigurationError(f"key file {path}: line {number}: a second '{name.decode()}:'")
        found[name] = value.strip()
    for name in (b"public", b"secret"):
        if name not in found:
            raise ConfigurationError(f"key file {path} has no '{name.decode()}:' line")
    return check_key(found[b"public"], f"key file {path}: public"), check_key(found[b"secret"], f"key file {path}: secret")


def check_key(text: bytes, place: str) -> bytes:
    if not _Z85_KEY.fullmatch(text):
        raise ConfigurationError(f"{place} is not a Z85 key of 40 characters")
    return text


def _check_owner(descriptor: int, path: str) -> None:
    found = os.fstat(descriptor)
    mode = stat.S_IMODE(found.st_mode) & 0o777
    if not stat.S_ISREG(found.st_mode):
        raise MissingFile(f"key file {path} is not a regular file")
    if found.st_uid not in (os.geteuid(), 0):
        raise OpenKeyFile(
            f"key file {path} belongs to user {found.st_uid}, not to this process's user or root")
    if mode & 0o077 and not (mode == 0o440 and _is_credential(descriptor)):
        raise OpenKeyFile(
            f"key file {path} has mode 0{mode:o}: others could have read the secret key; chmod 600, or better, make a "
            "new key")


def _is_credential(descriptor: int) -> bool:
    """Whether the group bits are but the mask of an access list by which this process's user, and nobody else beside
    the owner, may read the file (systemd.exec(5), LoadCredential). The list, as linux/posix_acl_xattr.h lays it out:
    u32 version 2 | n × (u16 tag | u16 permissions | u32 id), little-endian."""
    try:
        text = os.getxattr(descriptor, "system.posix_acl_access")
    except OSError:
        return False
    if len(text) % 8 != 4 or struct.unpack_from("<I", text)[0] != 2:
        return False
    owner, user, owning_group, mask, others, read = 0x01, 0x02, 0x04, 0x10, 0x20, 4
    for tag, permissions, identity in struct.iter_unpack("<HHI", text[4:]):
        if tag in (owner, mask):
            is_right = permissions == read
        elif tag == user:
            is_right = permissions == read and identity == os.geteuid()
        else:
            is_right = tag in (owning_group, others) and permissions == 0
        if not is_right:
            return False
    return True
