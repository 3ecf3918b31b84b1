"""Builds the wheel of casus_client, for pip: a build backend (PEP 517) of the standard library alone."""

import base64
import hashlib
import zipfile
from pathlib import Path

NAME = "casus_client"
VERSION = "0.2.0"
METADATA = f"""Metadata-Version: 2.1
Name: casus-client
Version: {VERSION}
Summary: A client of Casus brokers in plain pyzmq
Requires-Python: >=3.9
Requires-Dist: pyzmq>=22
"""
WHEEL = "Wheel-Version: 1.0\nGenerator: casus\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """The modules and the tables beside them (errors.json, exit_codes.json); the same files give the same bytes."""
    package = Path(__file__).resolve().parent / NAME
    files = {
        f"{NAME}/{path.name}": path.read_bytes() for path in sorted(package.iterdir()) if path.suffix in (".py", ".json")
    }
    information = f"{NAME}-{VERSION}.dist-info"
    files[f"{information}/METADATA"] = METADATA.encode()
    files[f"{information}/WHEEL"] = WHEEL.encode()
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in files.items())
    files[f"{information}/RECORD"] = f"{record}{information}/RECORD,,\n".encode()
    wheel = f"{NAME}-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data)
    return wheel


def _digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
