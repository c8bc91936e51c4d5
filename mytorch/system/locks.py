"""Unfinished files: who is still writing one, and which were left behind by a killed process.

A process that is killed by force removes nothing. So whoever writes an unfinished file holds a
lock on it, which ends with the process: an unfinished file that can be locked is nobody's.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ModuleNotFoundError:  # Windows, where an unfinished file stays
    fcntl = None  # type: ignore[assignment]

HEX_DIGITS = 8


def unfinished_name(target: Path) -> Path:
    """A new name beside `target` for what will become `target`."""
    return target.with_name(f".{target.name}.{secrets.token_hex(HEX_DIGITS // 2)}.part")


def open_unfinished(path: Path) -> BinaryIO:
    """The new file `path`, locked until it is closed."""
    while True:
        file = open(path, "xb")  # noqa: SIM115 - the caller closes it
        if fcntl is None:
            return file
        with suppress(OSError):  # a file system without locks, where nothing is removed either
            fcntl.flock(file, fcntl.LOCK_EX)
        if path.exists():
            return file
        file.close()  # before it was locked, somebody took it for abandoned and removed it


def remove_abandoned(target: Path) -> None:
    """Removes the unfinished files beside `target` whose process has ended."""
    if fcntl is None:
        return
    start, end = f".{target.name}.", ".part"
    length = len(start) + HEX_DIGITS + len(end)
    with suppress(OSError):  # it is only tidying up
        names = [n for n in os.listdir(target.parent) if n.startswith(start) and n.endswith(end)]
        for path in (target.with_name(name) for name in names if len(name) == length):
            with suppress(OSError), open(path, "rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()


def locked(file: BinaryIO) -> bool:
    """Locks an open file until it is closed; False where another process has it locked."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
