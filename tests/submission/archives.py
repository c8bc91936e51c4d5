"""Archives as trees of names: zip, and tar as it is or packed by gzip, bzip2 or xz.

Whatever is wrong with an archive is the hand-in's fault and raises NotCoursework. The parsers of
the standard library raise many kinds of exception for crafted bytes, so all are caught where
nothing but the archive is read.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import mkstemp
from typing import Any, BinaryIO, NoReturn

from tests.submission.selecting import DEEPEST, LARGEST, MOST
from tests.submission.source import PIECE, TOP, Entry, NotCoursework, Source

SCANNED = 8 * LARGEST
"""How many bytes a tar file may have once it is decompressed, with what is left out."""
SCANNED_NAMES = 50 * MOST
LONGEST_NAME, LONGEST_LINK = 255, 4096
OPENERS: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
    b"PK\x03\x04": zipfile.ZipFile,
    b"PK\x05\x06": zipfile.ZipFile,
}
"""What opens a file that begins with these bytes."""
SUFFIXES = {".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".gz", ".bz2", ".xz"}
DRIVE = re.compile(r"^[A-Za-z]:(?=/)")
HEAD = tarfile.BLOCKSIZE
"""How many of a file's first bytes `is_archive` has to see."""
HARD = "/hard link/"
"""Begins the target of a hard link, which is a path in the archive."""


class Archive(Source):
    """The members of an archive.

    Of two members of one name the later one counts, as when it is unpacked.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        self.outside: list[str] = []
        self._folders: dict[PurePosixPath, dict[str, Entry]] = {TOP: {}}
        self._open: dict[PurePosixPath, Callable[[], Any]] = {}
        self._count = 0

    def add(self, name: str, entry: Entry, opener: Callable[[], Any]) -> None:
        """Adds a member; a name with backslashes, or an absolute one, is made a relative one."""
        self._count += 1
        if self._count > SCANNED_NAMES:
            raise NotCoursework(f"{self.label} holds more than {SCANNED_NAMES} names")
        name = name.replace("\\", "/")
        parts = [part for part in DRIVE.sub("", name).split("/") if part not in ("", ".")]
        if ".." in parts:
            self.outside.append(f"{name[:200]} (outside of its folder)")
            return
        if len(parts) > DEEPEST or any(len(os.fsencode(part)) > LONGEST_NAME for part in parts):
            self.outside.append(f"{name[:60]}... (a name that is too long)")
            return
        if not parts:
            return
        folder = PurePosixPath(*parts[:-1])
        if folder not in self._folders:
            folder = TOP
            for part in parts[:-1]:
                folder = self._folder(folder, part)
        if entry.kind == "folder":
            self._folder(folder, parts[-1])
        elif folder / parts[-1] in self._folders:
            self.outside.append(f"{name} (a folder, too)")
        else:
            self._folders[folder][parts[-1]] = entry
            self._open[folder / parts[-1]] = opener

    def _folder(self, folder: PurePosixPath, name: str) -> PurePosixPath:
        self._folders[folder][name] = Entry("folder")
        self._folders.setdefault(folder / name, {})
        return folder / name

    def entries(self, folder: PurePosixPath) -> Mapping[str, Entry]:
        return self._folders.get(folder, {})

    def inside(self, target: str) -> PurePosixPath | None:
        """Hard links are kept as absolute paths; those of symbolic links lead out."""
        return PurePosixPath(target[len(HARD) :]) if target.startswith(HARD) else None

    def open(self, path: PurePosixPath) -> BinaryIO:
        return self._open[path]()

    def pieces(self, path: PurePosixPath) -> Iterator[bytes]:
        try:
            yield from super().pieces(path)
        except Exception as error:
            broken(self.label, error)


def is_archive(name: str, head: bytes) -> bool:
    """Whether a file is one of the archives that can be opened, by its name or its first bytes."""
    if PurePosixPath(name).suffix.lower() in SUFFIXES or head.startswith(tuple(OPENERS)):
        return True
    try:
        tarfile.TarInfo.frombuf(head[:HEAD], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


@contextmanager
def opened(path: Path, label: str, scratch: Path) -> Iterator[Archive]:
    """An archive, called `label`; `scratch` is a folder where its decompressed bytes may lie.

    Raises NotCoursework where it cannot be read.
    """
    with open(path, "rb") as file:
        head = file.read(HEAD)
    opener = next((OPENERS[magic] for magic in OPENERS if head.startswith(magic)), None)
    archive = Archive(label)
    if opener is zipfile.ZipFile:
        with _zip(path, archive):
            yield archive
        return
    if opener is not None:
        number, plain = mkstemp(dir=scratch)
        _decompress(path, opener, number, label)
        path = Path(plain)
    with _tar(path, archive):
        yield archive


def _decompress(path: Path, opener: Callable[..., Any], plain: int, label: str) -> None:
    """Writes a file's decompressed bytes to the descriptor `plain`, its checksum verified."""
    size = 0
    with open(path, "rb") as packed, open(plain, "wb") as target:
        file = opener(packed)
        while True:
            try:
                piece = file.read(PIECE)
            except Exception as error:
                broken(label, error)
            size += len(piece)
            if size > SCANNED:
                raise NotCoursework(f"{label} holds more than {SCANNED >> 20} MB")
            if not piece:
                return
            target.write(piece)


@contextmanager
def _zip(path: Path, archive: Archive) -> Iterator[None]:
    try:
        file = zipfile.ZipFile(path)
        for member in file.infolist():
            opener = _zip_opener(file, member, archive.label)
            archive.add(member.filename, _zip_entry(member, opener), opener)
    except Exception as error:
        broken(archive.label, error)
    with file:
        yield


def _zip_entry(member: zipfile.ZipInfo, opener: Callable[[], BinaryIO]) -> Entry:
    mode = member.external_attr >> 16
    if member.filename.endswith(("/", "\\")) or stat.S_ISDIR(mode):
        return Entry("folder")  # ZipInfo.is_dir knows no backslashes
    if stat.S_ISLNK(mode):
        with opener() as link:
            return Entry("link", target=link.read(LONGEST_LINK).decode(errors="surrogateescape"))
    if stat.S_ISREG(mode) or not stat.S_IFMT(mode):
        return Entry("file", member.file_size)
    return Entry("other")


def _zip_opener(
    file: zipfile.ZipFile, member: zipfile.ZipInfo, label: str
) -> Callable[[], BinaryIO]:
    def opener() -> BinaryIO:
        if member.flag_bits & 1:
            raise NotCoursework(f"{label} is encrypted; pack it without a password")
        return file.open(member)  # type: ignore[return-value]

    return opener


@contextmanager
def _tar(path: Path, archive: Archive) -> Iterator[None]:
    with open(path, "rb") as raw:
        try:
            file = tarfile.open(fileobj=raw, mode="r:")  # noqa: SIM115 - closed with `raw`
            for member in file:
                archive.add(member.name, _tar_entry(member), _tar_opener(file, member))
            # tarfile takes a damaged header for the end, which is two blocks of zeros
            raw.seek(file.offset)
            if any(raw.read(tarfile.BLOCKSIZE)):
                raise tarfile.ReadError("a header in the middle is damaged")
        except NotCoursework:
            raise
        except Exception as error:
            broken(archive.label, error)
        yield


def _tar_entry(member: tarfile.TarInfo) -> Entry:
    if member.isdir():
        return Entry("folder")
    if member.islnk():
        return Entry("link", target=HARD + member.linkname.lstrip("/"))
    if member.issym():
        return Entry("link", target=member.linkname)
    return Entry("file", member.size) if member.isfile() else Entry("other")


def _tar_opener(file: tarfile.TarFile, member: tarfile.TarInfo) -> Callable[[], Any]:
    return lambda: file.extractfile(member)


def broken(label: str, error: Exception) -> NoReturn:
    """Raises NotCoursework for what went wrong with reading an archive."""
    if isinstance(error, NotCoursework):
        raise error
    reason = " ".join(str(error).split()) or type(error).__name__
    raise NotCoursework(
        f"{label} is no archive that can be read (zip, tar, tar.gz, tar.bz2, tar.xz): {reason}"
    ) from None
