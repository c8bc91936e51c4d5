"""Files that are whole or not there at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mytorch.system.locks import open_unfinished, remove_abandoned, unfinished_name

SPACE = "free some space there or choose another folder"
RIGHTS = "choose a folder that you may write to"
REMEDIES = {
    errno.ENOSPC: SPACE,
    errno.EDQUOT: SPACE,
    errno.EFBIG: SPACE,
    errno.EACCES: RIGHTS,
    errno.EPERM: RIGHTS,
    errno.EROFS: RIGHTS,
    errno.ENOENT: "make its folder first",
    errno.ENOTDIR: "choose a folder, not a file, to put it into",
    errno.EISDIR: "choose another name, or move that folder away",
}


def check_replaceable(target: Path) -> None:
    """FileExistsError for a device or a pipe: who may do so, e.g. root, would replace /dev/null."""
    try:
        mode = target.stat().st_mode
    except OSError:  # nothing there yet; or it cannot be written, which is said then
        return
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        what = "a device or a pipe, not a file; this file was not written: choose another name"
        raise FileExistsError(errno.EEXIST, what, str(target))


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """A file to write, which takes the place of `path` when the block ends well.

    It is written beside `path` and renamed, so that whoever reads `path` finds the old content or
    the new one. On any exception, an interrupt included, the old file stays and nothing is left;
    what a process that was killed left beside it is removed by the next one that writes `path`.
    Raises OSError naming `path` and what to do where it can't be written.
    """
    target = Path(os.path.realpath(path))  # a link stays a link
    check_replaceable(target)
    remove_abandoned(target)
    beside = unfinished_name(target)
    try:
        with open_unfinished(beside) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if os.name == "posix":  # while the lock says that somebody is at work on it
                os.replace(beside, target)
        if os.name != "posix":  # Windows renames no open file
            os.replace(beside, target)
    except BaseException as error:
        with suppress(OSError):  # what went wrong first is what the caller has to know
            beside.unlink()
        if isinstance(error, OSError) and error.errno and error.filename in (None, str(beside)):
            remedy = REMEDIES.get(error.errno, "choose another place for it")
            what = f"{error.strerror}; this file was not written: {remedy}"
            raise OSError(error.errno, what, str(target)) from error
        raise
