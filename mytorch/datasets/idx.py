"""The IDX format of MNIST's files: a header of big-endian numbers, then an array."""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import stat
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.settings import check_path
from mytorch.system.errors import DataError, DataMissing

PIECE = 1 << 16  # bytes of a gzip file that are unpacked at a time
GZIP = b"\x1f\x8b"
DIMENSIONS = 32  # as many as an array has before NumPy 2
TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}
"""The third byte of a file, and the numbers that it stands for."""


def read_idx(path: str | os.PathLike[str]) -> npt.NDArray[Any]:
    """The array in an IDX file, gzipped or not, whatever its name: MNIST's, or any other.

    Its shape and its numbers are what the file says: bytes, whole numbers of 16 or 32 bits, or
    floats, in this machine's byte order. Raises DataMissing where there is no such file, DataError
    where it is damaged, cut short, or none in this format; of no file it is said what is.
    """
    place = check_path(path, "read_idx")
    try:
        raw = stored(place)
        content = gzip.decompress(raw) if raw.startswith(GZIP) else raw
    except FileNotFoundError as error:
        raise DataMissing(f"{place}: there is no such file") from error
    except (OSError, EOFError, zlib.error) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise DataError(f"{place}: {why}; put the original in its place") from error
    except DataError as error:
        raise DataError(f"{place}: {error}") from error
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in TYPES:
        from mytorch.datasets.foreign import what_it_is  # which knows how to make IDX files of it

        raise DataError(f"{place}: no IDX file: {what_it_is(place, content)}")
    if not 0 < content[3] <= DIMENSIONS:
        raise DataError(
            f"{place}: no IDX file: its header says {content[3]} dimensions, and one has from 1 to "
            f"{DIMENSIONS}"
        )
    start = 4 + 4 * content[3]
    shape = np.frombuffer(content[4 : min(start, len(content) // 4 * 4)], ">u4").tolist()
    dtype = np.dtype(TYPES[content[2]])
    size = start + math.prod(shape) * dtype.itemsize
    if len(shape) < content[3] or len(content) < size:
        raise DataError(f"{place}: it is cut short; put the original in its place")
    if len(content) > size:
        raise DataError(
            f"{place}: its header says {product(shape)}, and then {len(content) - size:,} bytes "
            f"more follow than that takes; put the original in its place"
        )
    array = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return array.astype(dtype.newbyteorder("="))


def stored(path: Path, limit: int = -1) -> bytes:
    """At most `limit` bytes of a file; OSError as usual, DataError where it is no file at all."""
    kind = path.stat().st_mode
    if stat.S_ISDIR(kind):
        raise DataError("this is a folder, not a file")
    if not stat.S_ISREG(kind):  # reading a pipe could wait for ever
        raise DataError("this is a pipe or a device, not a file")
    with path.open("rb") as file:
        return file.read(limit)


@dataclass(frozen=True)
class IdxFile:
    """One file of bytes that is known: its usual name, its shape and its digests."""

    name: str
    shape: tuple[int, ...]
    sha256: str = ""  # of the decompressed bytes, because mirrors compress differently
    packed: str = ""  # of the original gzip file, where nobody publishes the other

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

    def is_in(self, raw: bytes, content: bytes | bytearray) -> bool:
        """Whether the content of `raw`, a file gzipped or not, is this one's by its digest."""
        if self.sha256:
            return hashlib.sha256(content).hexdigest() == self.sha256
        return bool(self.packed) and hashlib.sha256(raw).hexdigest() == self.packed

    def array(self, content: bytes | bytearray) -> npt.NDArray[np.uint8]:
        """The bytes after the header, in its shape, read-only."""
        array = np.frombuffer(content, np.uint8, offset=len(self.header)).reshape(self.shape)
        array.flags.writeable = False
        return array

    def unpacked(self, raw: bytes) -> tuple[bytes | bytearray, bool]:
        """The content of `raw`, gzipped or not, and whether its end was reached.

        Raises DataError where it is empty or its compression is damaged.
        """
        if not raw:
            raise DataError("it is empty")
        if not raw.startswith(GZIP):
            return raw, True
        try:
            # One byte more than wanted shows a file that is too long, however long it is.
            return _unpacked(raw, self.size + 1)
        except zlib.error as error:
            reason = str(error).rpartition(": ")[2]  # without zlib's number
            raise DataError(f"the gzip file is damaged ({reason})") from error

    def difference(self, content: bytes | bytearray, others: Sequence[IdxFile]) -> str:
        """What is wrong with `content`, in the words that help most to find out how it came about.

        Empty where only its digest can be wrong.
        """
        start = content[: len(self.header)]
        for other in others:
            if other != self and content.startswith(other.header):
                return f"it begins as {other.name} does and may be that file under another name"
        if content[:100].lstrip().startswith(b"<"):
            return "it is a web page or the like"
        if not self.magic.startswith(start[:4]):
            return f"it begins with the bytes {start[:4].hex(' ')}, not {self.magic.hex(' ')}"
        if len(start) == len(self.header) and start != self.header:
            counts = np.frombuffer(start[4:], ">u4").tolist()
            return f"its header says {product(counts)}, not {product(self.shape)}"
        if len(content) < self.size:
            return f"it is cut short, {len(content):,} of {self.size:,} bytes"
        if len(content) > self.size:
            return f"it is longer than the {self.size:,} bytes expected"
        return ""


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


def product(counts: Sequence[int]) -> str:
    """`60,000 x 28 x 28`."""
    return " x ".join(f"{count:,}" for count in counts)


__all__ = ["IdxFile", "read_idx"]
