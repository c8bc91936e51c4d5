"""A submission as a folder of its own: copied from a folder, or unpacked from an archive."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp, mkstemp
from typing import NamedTuple

from tests.submission.archives import HEAD, broken, is_archive, opened
from tests.submission.family import forget, start
from tests.submission.layout import (
    NOTEBOOK,
    Edition,
    Submission,
    as_submission,
    check_whole,
    locate,
    places,
)
from tests.submission.loading import printable
from tests.submission.selecting import LARGEST, Chosen, Selection
from tests.submission.source import TOP, Folder, NotCoursework, OneFile, Source

MOST_NESTED = 3
"""How many archives may lie in each other."""
KINDS = {
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"(\xb5/\xfd": "a Zstandard file",
    b"\x1f\x9d": "a file of the old program compress",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\xd0\xcf\x11\xe0": "an old Word or Excel file",
}
"""Files that were handed in by mistake, by their first bytes."""
IMPOSSIBLE = {errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ}
"""Errors of names that the file system cannot have."""
WANTED = "expected a folder, an hw1.py, or one of these archives: zip, tar, tar.gz, tar.bz2, tar.xz"


class Handin(NamedTuple):
    """A hand-in that can be graded, and what of it is left out."""

    submission: Submission
    left_out: list[str]


@contextmanager
def scratch() -> Iterator[Path]:
    """A new folder, gone afterwards, whatever was made in it; `rm` goes deeper than Python."""
    folder = Path(mkdtemp(prefix="mytorch-")).resolve()
    try:
        yield folder
    finally:
        with _undisturbed():
            try:
                ended = -signal.SIGINT
                while ended == -signal.SIGINT:  # which came before it had a session of its own
                    removal = start(
                        ["rm", "-rf", "--", folder],
                        stderr=subprocess.DEVNULL,
                        start_new_session=True,
                    )
                    ended = removal.wait()
                    forget(removal)
            except OSError:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A block after which Ctrl-C comes, not within: half a removal would leave the other half."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            os.kill(os.getpid(), signal.SIGINT)


@contextmanager
def handed_in(path: Path, edition: Edition | None = None, name: str = "") -> Iterator[Handin]:
    """What was handed in, a folder, an archive or a Python file, in a clean folder of its own.

    `edition`, the one that is wanted, decides where several folders hold coursework; `name` is
    what messages call the hand-in. Raises NotCoursework where there is nothing that could be
    graded, with the reason; OSError where `path` cannot be read.
    """
    with scratch() as folder, ExitStack() as archives:
        source = _source(path, name or path.name, folder, archives)
        outside = [*source.outside]
        for _ in range(MOST_NESTED):
            inner, beside = _only_archive(source)
            if inner is None:
                break
            outside += beside
            number, nested = mkstemp(dir=folder)
            with open(number, "wb") as target:
                target.writelines(source.pieces(inner))
            label = printable(f"{inner.name} in {source.label}")
            source = archives.enter_context(opened(Path(nested), label, folder))
            outside += source.outside
        place = locate(source, edition)
        if isinstance(source, Folder):
            check_whole(place, source.root, source.label)
        selection = Selection(source, place.folder)
        if not any(_has_content(source, file) for file in selection.files):
            raise NotCoursework(f"{source.label}: its Python files are empty")
        write(selection, folder / "handin")
        yield Handin(
            as_submission(place, folder / "handin"), [*selection.left_out, *map(printable, outside)]
        )


def _source(path: Path, label: str, folder: Path, archives: ExitStack) -> Source:
    """A path as a source. Raises NotCoursework for a file that is of another kind."""
    if path.is_dir():
        return Folder(path, label)
    with open(path, "rb") as file:
        head = file.read(HEAD)
    if not head:
        raise NotCoursework(f"{label} is empty; {WANTED}")
    if path.name == "hw1.py":
        return Folder(path.resolve().parent, label, coursework_only=True)
    suffix = path.suffix.lower()
    if suffix == ".py":
        return OneFile(path, label)
    if is_archive(path.name, head):
        return archives.enter_context(opened(path, label, folder))
    if suffix == ".ipynb":
        raise NotCoursework(f"{label} is a notebook, which is not graded: {NOTEBOOK}")
    kind = next((kind for magic, kind in KINDS.items() if head.startswith(magic)), "another file")
    raise NotCoursework(f"{label} is {kind}; {WANTED}")


def _only_archive(source: Source) -> tuple[PurePosixPath | None, list[str]]:
    """The archive in a source that holds just one, and no coursework of its own; what is beside."""
    if places(source):
        return None, []
    try:
        files = Selection(source, TOP).files
    except NotCoursework:  # too much of anything
        return None, []
    found = [
        file.place for file in files if is_archive(file.name.name, source.read(file.place, HEAD))
    ]
    if len(found) > 1:
        names = printable(", ".join(map(str, found[:5])))
        raise NotCoursework(
            f"{source.label} holds more than one archive: {names}; hand in one of them"
        )
    if not found:
        return None, []
    return found[0], [str(file.name) for file in files if file.place != found[0]]


def _has_content(source: Source, file: Chosen) -> bool:
    return file.name.suffix == ".py" and bool(source.read(file.place, LARGEST).strip())


def copy(root: Path, target: Path) -> None:
    """Copies the files of a folder that are graded.

    Raises NotCoursework where there is more than a submission may have.
    """
    write(Selection(Folder(root), TOP), target)


def write(selection: Selection, target: Path) -> None:
    """Writes the files that were selected below `target`.

    Raises NotCoursework for what cannot be read or have its name, OSError for what cannot be
    written.
    """
    target.mkdir(parents=True, exist_ok=True)
    for name, place, _ in selection.files:
        try:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            with open(target / name, "wb") as file:
                file.writelines(selection.source.pieces(place))
        except OSError as error:
            if error.errno not in IMPOSSIBLE:
                raise
            broken(selection.source.label, error)
