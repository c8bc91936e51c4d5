"""The four MNIST files: found on this machine or downloaded, and verified either way."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import time
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.datasets.labels import one_hot
from mytorch.datasets.pixels import PixelDataset, Pixels
from mytorch.system.atomic import replacing
from mytorch.system.download import DownloadError, fetch
from mytorch.system.errors import DataError, DataMissing

NAME = "mnist"
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)
SPARE = 1_000_000  # bytes that a file may have more than its content, for a poor compressor
PIECE = 1 << 16  # bytes of a gzip file that are unpacked at a time
RECENT = 60.0  # seconds in which a file may still be being written


@dataclass(frozen=True)
class MnistFile:
    """One file in IDX format: a header of big-endian numbers, then bytes in the given shape."""

    name: str
    shape: tuple[int, ...]
    sha256: str  # of the decompressed bytes, because mirrors compress differently

    @property
    def magic(self) -> bytes:
        """How every file of its kind begins: 8 is for unsigned bytes, then the dimensions."""
        return bytes((0, 0, 8, len(self.shape)))

    @property
    def header(self) -> bytes:
        """What stands before the data: the magic number, then one number for each dimension."""
        return self.magic + b"".join(length.to_bytes(4, "big") for length in self.shape)

    @property
    def size(self) -> int:
        """Bytes of the decompressed file."""
        return len(self.header) + int(np.prod(self.shape))


TRAIN_IMAGES = MnistFile(
    "train-images-idx3-ubyte",
    (60_000, 28, 28),
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
)
TRAIN_LABELS = MnistFile(
    "train-labels-idx1-ubyte",
    (60_000,),
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
)
TEST_IMAGES = MnistFile(
    "t10k-images-idx3-ubyte",
    (10_000, 28, 28),
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
)
TEST_LABELS = MnistFile(
    "t10k-labels-idx1-ubyte",
    (10_000,),
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
)
FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)


def read_pixels(dtype: np.dtype[Any]) -> PixelDataset:
    """The first 55,000 training images, the last 5,000 for validation, and the 10,000 test images.

    Raises as `read` does.
    """
    x, y = Pixels(read(TRAIN_IMAGES), 255, dtype), one_hot(read(TRAIN_LABELS), 10, dtype)
    test_x, test_y = Pixels(read(TEST_IMAGES), 255, dtype), one_hot(read(TEST_LABELS), 10, dtype)
    return (x.images(0, 55_000), y[:55_000]), (x.images(55_000), y[55_000:]), (test_x, test_y)


def read(file: MnistFile) -> npt.NDArray[np.uint8]:
    """The contents of one file, `file.shape`, downloaded first where it is nowhere to be found.

    Raises DataMissing where it can't be had, DataError where a file of that name is not it.
    """
    for path in _places(file):
        try:
            content = _verified(file, _stored(path, file.size + SPARE))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError as error:
            raise DataError(
                f"{path}: {error.strerror}. Make this file readable (chmod a+r) and its folder "
                f"too (chmod a+rx), or set MYTORCH_DATA to a folder with files that you may read."
            ) from error
        except (OSError, DataError) as error:
            why = (error.strerror if isinstance(error, OSError) else "") or str(error)
            raise DataError(f"{path}: {why}. {_remedy(path)}") from error
        return _array(file, content)
    return _array(file, _download(file))


def _places(file: MnistFile) -> Iterator[Path]:
    for folder in _folders():
        yield folder / file.name
        yield folder / f"{file.name}.gz"


def _stored(path: Path, limit: int) -> bytes:
    """At most `limit` bytes of a file; OSError as usual, DataError where it is no file at all."""
    kind = path.stat().st_mode
    if stat.S_ISDIR(kind):
        raise DataError("this is a folder, not a file")
    if not stat.S_ISREG(kind):  # reading a pipe could wait for ever
        raise DataError("this is a pipe or a device, not a file")
    with path.open("rb") as file:
        return file.read(limit)


def _remedy(path: Path) -> str:
    """What to do about a file that is not what its name says."""
    remedy = "Delete this file and run again to download it, or put the original in its place"
    with suppress(OSError):
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            return "Move this folder away and run again to download the file."
        if abs(time.time() - info.st_mtime) < RECENT:
            remedy += (
                ". If another program is still writing it (it changed within the last minute), "
                "only wait and run again"
            )
    return f"{remedy}."


def repository() -> Path | None:
    """The folder of the checkout that this module lies in; None for an installed package."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() and (root / "data").is_dir() else None


def _folders() -> list[Path]:
    """Where the files are looked for: `$MYTORCH_DATA`, the checkout's `data/`, the user's cache."""
    chosen = os.environ.get("MYTORCH_DATA")
    return [*([Path(chosen) / "mnist"] if chosen else []), *_own_folders()]


def _own_folders() -> list[Path]:
    """Where a download may be kept, best first."""
    root = repository()
    cache = os.environ.get("XDG_CACHE_HOME") or (
        os.path.join(os.environ["HOME"], ".cache") if os.environ.get("HOME") else ""
    )
    return [
        *([root / "data" / "mnist"] if root else []),
        *([Path(cache) / "mytorch" / "mnist"] if cache else []),
    ]


def _array(file: MnistFile, content: bytes | bytearray) -> npt.NDArray[np.uint8]:
    array = np.frombuffer(content, np.uint8, offset=len(file.header)).reshape(file.shape)
    array.flags.writeable = False
    return array


def _verified(file: MnistFile, raw: bytes) -> bytes | bytearray:
    """The decompressed content of `raw` (gzip or plain); DataError where it is not `file`'s."""
    if not raw:
        raise DataError("it is empty")
    content: bytes | bytearray = raw
    whole = True
    if raw[:2] == b"\x1f\x8b":
        try:
            # One byte more than wanted shows a file that is too long, however long it is.
            content, whole = _unpacked(raw, file.size + 1)
        except zlib.error as error:
            reason = str(error).rpartition(": ")[2]  # without zlib's number
            raise DataError(f"the gzip file is damaged ({reason})") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != file.sha256:
        raise DataError(f"this is not {file.name}: {_difference(file, content, digest)}")
    if not whole:  # nothing but the checksum at its end is missing, but no other tool would take it
        raise DataError("the gzip file is cut short")
    return content


def _unpacked(raw: bytes, limit: int) -> tuple[bytearray, bool]:
    """At most `limit` bytes of the content of a gzip file, and whether its end was reached.

    They are put where they stay: pieces that are joined at the end take the memory twice.
    """
    content, filled = bytearray(limit), 0
    unpacking = zlib.decompressobj(wbits=31)
    for start in range(0, len(raw), PIECE):
        piece = unpacking.decompress(raw[start : start + PIECE], limit - filled)
        content[filled : filled + len(piece)] = piece
        filled += len(piece)
        if unpacking.eof or filled == limit:
            break
    del content[filled:]
    return content, unpacking.eof


def _difference(file: MnistFile, content: bytes | bytearray, digest: str) -> str:
    """What is wrong with `content`, in the words that help most to find out how it came about."""
    start = content[: len(file.header)]
    for other in FILES:
        if other != file and content.startswith(other.header):
            return f"it begins as {other.name} does and may be that file under another name"
    if content[:100].lstrip().startswith(b"<"):
        return "it is a web page or the like"
    if not file.magic.startswith(start[:4]):
        return f"it begins with the bytes {start[:4].hex(' ')}, not {file.magic.hex(' ')}"
    if len(start) == len(file.header) and start != file.header:
        counts = np.frombuffer(start[4:], ">u4").tolist()
        return f"its header says {_product(counts)}, not {_product(file.shape)}"
    if len(content) < file.size:
        return f"it is cut short, {len(content):,} of {file.size:,} bytes"
    if len(content) > file.size:
        return f"it is longer than the {file.size:,} bytes expected"
    return (
        f"its SHA-256 is {digest[:12]}..., not {file.sha256[:12]}..., so it is damaged, "
        f"or from another data set with the same file names"
    )


def _product(counts: Sequence[int]) -> str:
    return " x ".join(f"{count:,}" for count in counts)


def _download(file: MnistFile) -> bytes | bytearray:
    """The decompressed content of `file` from the first mirror that has it, kept for next time."""
    mirrors = os.environ.get("MYTORCH_MIRRORS", " ".join(MIRRORS)).split()
    failures = []
    for mirror in mirrors:
        try:
            raw = fetch(f"{mirror.rstrip('/')}/{file.name}.gz", file.size + SPARE, file.name)
            content = _verified(file, raw)
        except (DownloadError, DataError) as error:
            failures.append(f"  {mirror}: {error}")
            continue
        _keep(file, raw)
        return content
    own, chosen = _own_folders(), os.environ.get("MYTORCH_DATA")
    raise DataMissing(
        f"MNIST's {file.name} is not on this machine\nand could not be downloaded:\n"
        + "\n".join(failures or ["  MYTORCH_MIRRORS names no mirror"])
        + f"\nPut the four files into {own[0] if own else 'a folder named mnist'}:\n"
        + "\n".join(f"  {f.name}.gz" for f in FILES)
        + f"\n{'or' if own else 'and'} set MYTORCH_DATA to a folder that has them in its "
        + f"subfolder mnist{f' (now it is {chosen})' if chosen else ''}."
    )


def _keep(file: MnistFile, raw: bytes) -> None:
    """Stores a download in the first folder that can be written; without one, warns and goes on."""
    failures = []
    for folder in _own_folders():
        path = folder / f"{file.name}.gz"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(path) as target:
                target.write(raw if raw[:2] == b"\x1f\x8b" else gzip.compress(raw))
            return
        except OSError as error:
            failures.append(f"  {path}: {error.strerror or error}")
    warnings.warn(
        f"MNIST's {file.name} was downloaded, but could not be kept for the next time:\n"
        + "\n".join(failures or ["  neither HOME nor XDG_CACHE_HOME names a folder"])
        + "\nMake it possible to write there, or set MYTORCH_DATA to a folder that has the four "
        "files in its subfolder mnist. Until then every run downloads the file again.",
        stacklevel=2,
    )
