"""The disk that fails: builds faults.c and steers it."""

import ctypes
import errno
import mmap
import pathlib
import subprocess
import tempfile

from harness import Failure

OPERATIONS = ["write", "sync", "rename", "directory", "truncate", "create", "unlink"]


class Disk:
    """Steers the library in one broker's process. Words that are not set stay as they are; `clear` resets all."""

    WORDS = ["mask", "at", "error", "for_good", "after", "amnesia", "lie", "full", "hang", "kill", "fired", "seen", "waiting",
             *(f"count_{name}" for name in OPERATIONS)]
    library = None

    def __init__(self, bus):
        if Disk.library is None:
            Disk.home = tempfile.TemporaryDirectory(prefix="faults-")
            Disk.library = pathlib.Path(Disk.home.name) / "faults.so"
            source = pathlib.Path(__file__).parent / "faults.c"
            done = subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", str(Disk.library), str(source)])
            if done.returncode:
                raise Failure("faults.c does not build: is there a C compiler?")
        path = bus.folder / "faults"
        path.write_bytes(bytes(4096))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 4096)
        self.words = (ctypes.c_uint32 * len(self.WORDS)).from_buffer(self.memory)
        bus.broker_environment = {
            "LD_PRELOAD": str(Disk.library), "CASUS_FAULTS": str(path),
            "CASUS_FAULTS_FOLDER": str(bus.folder / "journal")}

    def __getattr__(self, name):
        return self.words[self.WORDS.index(name)]

    def set(self, **values):
        for name, value in values.items():
            self.words[self.WORDS.index(name)] = int(value)

    def clear(self, **values):
        for place in range(len(self.WORDS)):
            self.words[place] = 0
        self.set(**values)

    def strike(self, operation, at, error, **values):
        """The `at`-th operation of this kind fails with the error, by its name in errno; None kills instead."""
        number = 0 if error is None else getattr(errno, error)
        self.clear(mask=1 << OPERATIONS.index(operation), at=at, error=number, amnesia=1, **values)
