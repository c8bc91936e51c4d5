"""A submission as a folder of its own: copied from a folder, or unpacked from a tar file."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from tests.submission.layout import NotCoursework

LARGEST, MOST = 50 << 20, 2000
"""How many bytes and how many files a submission may have."""
LEFT_OUT = {".git", ".venv", "venv", "__pycache__", "data", "node_modules", ".ipynb_checkpoints"}


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The submission as a folder: `path` itself, or what its tar file, plain or gzip, holds.

    Raises NotCoursework for an archive that is damaged, too large, or reaches out of its folder.
    """
    if not path.is_file() or path.suffix == ".py":
        yield path
        return
    with TemporaryDirectory(prefix="mytorch-") as folder:
        target = Path(folder) / "handin"
        target.mkdir()
        try:
            with tarfile.open(path) as archive:
                _unpack(archive, target)
        except (tarfile.TarError, EOFError, OSError, ValueError) as error:
            if isinstance(error, NotCoursework):
                raise
            raise NotCoursework(f"{path} is no tar file that can be read: {error}") from None
        entries = [entry for entry in target.iterdir() if not entry.name.startswith(".")]
        names = {entry.name for entry in entries}
        if len(entries) == 1 and entries[0].is_dir() and not names & {"hw1", "mytorch"}:
            target = entries[0]
        yield target


def _unpack(archive: tarfile.TarFile, target: Path) -> None:
    total = 0
    for number, member in enumerate(archive):
        place = PurePosixPath(member.name)
        if place.is_absolute() or ".." in place.parts:
            raise NotCoursework(f"the archive holds {member.name!r}, outside of its folder")
        total += member.size
        if number >= MOST or total > LARGEST:
            raise NotCoursework(f"the archive holds more than {MOST} files or {LARGEST >> 20} MB")
        if member.isdir():
            (target / place).mkdir(parents=True, exist_ok=True)
        elif member.isfile():
            (target / place).parent.mkdir(parents=True, exist_ok=True)
            source = archive.extractfile(member)
            assert source is not None
            with source, open(target / place, "wb") as file:
                shutil.copyfileobj(source, file)


def copy(root: Path, target: Path) -> None:
    """Copies the coursework of a folder: `mytorch/`, `hw1/` and the Python files beside them.

    Links are not followed. Raises NotCoursework where there is more than a submission may have.
    """
    total = count = 0
    files = [entry for entry in root.glob("*.py") if entry.is_file() and not entry.is_symlink()]
    for folder in ("mytorch", "hw1"):
        files += list(_files(root / folder))
    target.mkdir(parents=True, exist_ok=True)
    for file in files:
        total, count = total + file.stat().st_size, count + 1
        if count > MOST or total > LARGEST:
            raise NotCoursework(f"{root} holds more than {MOST} files or {LARGEST >> 20} MB")
        place = target / file.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)


def _files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir() or folder.is_symlink():
        return
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink() or entry.name in LEFT_OUT:
            continue
        if entry.is_dir():
            yield from _files(entry)
        elif entry.is_file():
            yield entry
