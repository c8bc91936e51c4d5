"""What somebody else's code may write: bytes and files, counted while it runs.

In a sandbox it writes into memory of a fixed size, which ends by itself; only the number of files
has to be watched there. Elsewhere its folder is looked through again and again, which does not see
a file that was deleted while it is open, nor what is written outside of the folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

OWN = "own"
"""What the folder is called, in that of a child, into which alone it may write."""
LARGEST_FILE = 100 << 20
"""What one file may have, in bytes."""
MOST_BYTES = 100 << 20
"""What all files may have together."""
MOST_FILES = 10_000


def overuse(folder: Path, processes: Iterable[int], isolated: bool) -> str:
    """What was written into `folder` beyond the limits; empty where nothing was."""
    size, files = 0, 0
    for some, number in _of_the_sandbox(folder, processes) if isolated else _found(folder):
        size, files = size + some, files + number
        if size > MOST_BYTES:
            return f"wrote more than {MOST_BYTES >> 20} MB"
        if files > MOST_FILES:
            return f"made more than {MOST_FILES} files"
    return ""


def _found(folder: Path) -> Iterable[tuple[int, int]]:
    """The size of each file and folder, 1; what goes or hides while it is read is passed over.

    Without recursion: folders may lie in each other deeper than that goes.
    """
    waiting = [str(folder)]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                yield entry.stat(follow_symlinks=False).st_blocks * 512, 1
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def _of_the_sandbox(folder: Path, processes: Iterable[int]) -> Iterable[tuple[int, int]]:
    """How many files the sandbox's own file system has, as one of its processes sees it."""
    for number in processes:
        try:
            found = os.statvfs(f"/proc/{number}/root{folder}")
        except OSError:
            continue
        if found.f_blocks * found.f_frsize <= 2 * MOST_BYTES:  # it is not the machine's
            yield 0, found.f_files - found.f_ffree
            return
