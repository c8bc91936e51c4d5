"""A submission as a folder of its own: copied from a folder, or unpacked from a tar file."""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

from tests.submission.family import forget, start
from tests.submission.layout import NotCoursework

LARGEST, MOST = 50 << 20, 2000
"""How many bytes and how many files a submission may have."""
DAMAGE = (
    *(tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RecursionError, OverflowError),
)
LEFT_OUT = {".git", ".venv", "venv", "__pycache__", "data", "node_modules", ".ipynb_checkpoints"}


@contextmanager
def scratch() -> Iterator[Path]:
    """A new folder, gone afterwards, whatever was made in it; `rm` goes deeper than Python."""
    folder = Path(mkdtemp(prefix="mytorch-")).resolve()
    try:
        yield folder
    finally:
        try:
            removal = start(["rm", "-rf", "--", folder], stderr=subprocess.DEVNULL)
            removal.wait()
            forget(removal)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The submission as a folder: `path` itself, or what its tar file, plain or gzip, holds.

    Raises NotCoursework for an archive that is damaged, too large, or reaches out of its folder.
    """
    if not path.is_file() or path.suffix == ".py":
        yield path
        return
    with scratch() as folder:
        target = folder / "handin"
        target.mkdir()
        try:
            _unpack(_decompressed(path), target)
        except NotCoursework:
            raise
        except DAMAGE as error:
            reason = " ".join(str(error).split())
            raise NotCoursework(f"{path} is no tar file that can be read: {reason}") from None
        if not _holds_coursework(target):
            inner = [entry for entry in target.iterdir() if _holds_coursework(entry)]
            target = inner[0] if len(inner) == 1 else target
        yield target


def _holds_coursework(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("mytorch", "hw1", "hw1.py"))


def _decompressed(path: Path) -> io.BytesIO:
    """A tar file's bytes, out of gzip if need be, whose checksum is verified."""
    with open(path, "rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        with gzip.open(raw) if zipped else raw as file:
            data = file.read(2 * LARGEST)
            if file.read(1):
                raise NotCoursework(f"{path} holds more than {LARGEST >> 20} MB")
    return io.BytesIO(data)


def _unpack(data: io.BytesIO, target: Path) -> None:
    total = 0
    with tarfile.open(fileobj=data, mode="r:") as archive:
        for number, member in enumerate(archive):
            place = PurePosixPath(member.name)
            if place.is_absolute() or ".." in place.parts:
                raise NotCoursework(f"the archive holds {member.name!r}, outside of its folder")
            total += member.size
            if number >= MOST or total > LARGEST:
                raise NotCoursework(
                    f"the archive holds more than {MOST} files or {LARGEST >> 20} MB"
                )
            if member.isdir():
                (target / place).mkdir(parents=True, exist_ok=True)
            elif member.isfile():
                (target / place).parent.mkdir(parents=True, exist_ok=True)
                source = archive.extractfile(member)
                assert source is not None
                with source, open(target / place, "wb") as file:
                    shutil.copyfileobj(source, file)
        # tarfile takes a damaged header for the end, which is two blocks of zeros
        data.seek(archive.offset)
        if any(data.read(tarfile.BLOCKSIZE)):
            raise tarfile.ReadError("a header in the middle is damaged")


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
    if folder.is_symlink():
        raise NotCoursework(f"{folder} is a link; hand in the folder itself")
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir()):
        if entry.name in LEFT_OUT or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _files(entry)
        elif entry.is_file():
            yield entry
