"""A large file from the network, taken up again where a broken connection left it."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from mytorch.system import download
from mytorch.system.download import DownloadError
from mytorch.system.locks import locked

TRIES = 5  # of one server, each of which must bring the file further


def fetch_file(url: str, path: Path, size: int, sha256: str, what: str) -> None:
    """Makes `path` the file behind `url`, of `size` bytes with this SHA-256.

    What has come stays in `.NAME.partial` beside it, whatever ends the download: this call goes on
    from there up to TRIES times, and the next call does, too, from the same server or another. No
    other process writes there meanwhile. Raises DownloadError where the file did not come, and
    removes the unfinished one where its content is wrong; OSError where it can't be written.
    """
    unfinished = path.with_name(f".{path.name}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(unfinished, "ab") as file:
        if not locked(file):
            raise DownloadError("another process is downloading it; wait until that is done")
        if not (
            unfinished.exists() and os.path.samestat(unfinished.stat(), os.fstat(file.fileno()))
        ):
            return  # it was just finished by the one that had it locked
        inherited = file.tell() > 0  # from an earlier call, and perhaps from another server
        try:
            _complete(url, file, size, what)
            if _digest(unfinished) != sha256 and inherited:
                file.truncate(0)  # what was there, or what came now: get all of it from here
                _complete(url, file, size, what)
            digest = _digest(unfinished)
            if digest != sha256:
                file.truncate(0)
                raise DownloadError(
                    f"its SHA-256 is {digest[:12]}..., not {sha256[:12]}..., so it is damaged, or "
                    f"another file"
                )
            os.fsync(file.fileno())
            if os.name == "posix":  # Windows renames no open file
                os.replace(unfinished, path)
        finally:
            if unfinished.exists() and file.seek(0, os.SEEK_END) == 0:
                with suppress(OSError):
                    unfinished.unlink()
    if os.name != "posix":
        os.replace(unfinished, path)


def progress_of(path: Path) -> int:
    """How many bytes of an unfinished download of `path` have come."""
    with suppress(OSError):
        return path.with_name(f".{path.name}.partial").stat().st_size
    return 0


def _complete(url: str, file: BinaryIO, size: int, what: str) -> None:
    """Brings a file to its size; DownloadError where a try brought nothing, or after the last."""
    for attempt in range(1, TRIES + 1):
        start = file.seek(0, os.SEEK_END)
        if start > size:  # of another file
            start = file.truncate(0)
        if start == size:
            return
        failure: DownloadError | None = None
        try:
            _append(url, file, size, what, start)
        except DownloadError as error:
            failure = error
        now = file.seek(0, os.SEEK_END)
        if now < size and (now <= start or attempt == TRIES):
            raise failure or DownloadError(f"it sent {now:,} of {size:,} bytes")


def _append(url: str, file: BinaryIO, size: int, what: str, start: int) -> None:
    for place, piece in download.received(url, size, what, start):
        if place == 0:
            if piece[:100].lstrip().startswith(b"<"):
                raise DownloadError("it sent a web page or the like")
            file.truncate(0)  # the server sends all of it again
        file.write(piece)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
