"""The four MNIST files: found on this machine or downloaded, and verified either way."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import os
import time
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mytorch.files import replacing
from mytorch.progress import Bar, progress_bar

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)
TIMEOUT = 10.0  # seconds without a byte, after which the next mirror is tried
SLOWEST = 5_000  # bytes a second


class DataError(RuntimeError):
    """A data file is not what it should be; the message names it and what to do."""


class DataMissing(DataError):
    """A data file is not on this machine and could not be downloaded."""


@dataclass(frozen=True)
class MnistFile:
    """One file in IDX format: a header of big-endian numbers, then bytes in the given shape."""

    name: str
    shape: tuple[int, ...]
    sha256: str  # of the decompressed bytes, because mirrors compress differently

    @property
    def header(self) -> int:
        """Bytes before the data: a magic number, then one number for each dimension."""
        return 4 + 4 * len(self.shape)

    @property
    def size(self) -> int:
        """Bytes of the decompressed file."""
        return self.header + int(np.prod(self.shape))


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


def read(file: MnistFile) -> npt.NDArray[np.uint8]:
    """The contents of one file, `file.shape`, downloaded first where it is nowhere to be found.

    Raises DataMissing where it can't be had, DataError where a file of that name is not it.
    """
    for folder in _folders():
        for path in (folder / file.name, folder / f"{file.name}.gz"):
            if path.exists():
                try:
                    content = _verified(file, path.read_bytes())
                except (OSError, DataError) as error:
                    raise DataError(
                        f"{path}: {_reason(error)}. Delete this file and run again to download "
                        f"it, or put the original in its place."
                    ) from error
                return _array(file, content)
    return _array(file, _download(file))


def repository() -> Path | None:
    """The folder of the checkout that this module lies in; None for an installed package."""
    root = Path(__file__).resolve().parents[1]
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


def _array(file: MnistFile, content: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(content, np.uint8, offset=file.header).reshape(file.shape)


def _verified(file: MnistFile, raw: bytes) -> bytes:
    """The decompressed content of `raw` (gzip or plain); DataError where it is not `file`'s."""
    content = raw
    if raw[:2] == b"\x1f\x8b":
        try:
            # One byte more than wanted shows a file that is too long, however long it is.
            content = zlib.decompressobj(wbits=31).decompress(raw, file.size + 1)
        except zlib.error as error:
            raise DataError(f"the gzip file is damaged ({error})") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != file.sha256:
        if len(content) < file.size:
            what = f"it is cut short, {len(content):,} of {file.size:,} bytes"
        elif len(content) > file.size:
            what = f"it is longer than the {file.size:,} bytes expected"
        else:
            what = f"its SHA-256 is {digest[:12]}..., not {file.sha256[:12]}..."
        raise DataError(f"this is not {file.name}: {what}")
    return content


def _download(file: MnistFile) -> bytes:
    """The decompressed content of `file` from the first mirror that has it, kept for next time."""
    mirrors = os.environ.get("MYTORCH_MIRRORS", " ".join(MIRRORS)).split()
    failures = []
    for mirror in mirrors:
        try:
            raw = _fetch(f"{mirror.rstrip('/')}/{file.name}.gz", file)
            content = _verified(file, raw)
        except (OSError, http.client.HTTPException, ValueError, DataError) as error:
            failures.append(f"  {mirror}: {_reason(error)}")
            continue
        _keep(file, raw)
        return content
    folder = (_own_folders() or [Path("FOLDER") / "mnist"])[0]
    raise DataMissing(
        f"MNIST's {file.name} is not on this machine\nand could not be downloaded:\n"
        + "\n".join(failures or ["  MYTORCH_MIRRORS names no mirror"])
        + f"\nPut the four files into {folder}:\n"
        + "\n".join(f"  {f.name}.gz" for f in FILES)
        + "\nor set MYTORCH_DATA to a folder that has them in its subfolder mnist."
    )


def _fetch(url: str, file: MnistFile) -> bytes:
    """The bytes behind `url`, with a progress bar, and never more than `file` can have."""
    limit = file.size + 1_000_000
    with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
        length = int(response.headers.get("Content-Length") or 0)
        bar: Bar
        with progress_bar(length, file.name, "B", scale=True) as bar:
            chunks, received = [], 0
            started = time.monotonic()
            while chunk := response.read1(65_536):
                chunks.append(chunk)
                received += len(chunk)
                bar.update(len(chunk))
                if received > limit:
                    raise DataError(f"it sent more than {limit:,} bytes")
                elapsed = time.monotonic() - started
                if elapsed > TIMEOUT and received < SLOWEST * elapsed:
                    raise DataError(f"it sent only {received:,} bytes in {elapsed:.0f} seconds")
    if received < length:
        raise DataError(f"it sent {received:,} of {length:,} bytes")
    return b"".join(chunks)


def _keep(file: MnistFile, raw: bytes) -> None:
    """Stores a download in the first folder that can be written; without one, goes on."""
    for folder in _own_folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with replacing(folder / f"{file.name}.gz") as target:
                target.write(raw if raw[:2] == b"\x1f\x8b" else gzip.compress(raw))
            return
        except OSError:
            continue


def _reason(error: Exception) -> str:
    """An exception in a few words."""
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answered {error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError):
        return _reason(error.reason) if isinstance(error.reason, Exception) else str(error.reason)
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT:g} seconds"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
