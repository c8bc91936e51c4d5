"""A data set of four IDX files: found by content on this machine or downloaded, and verified."""

from __future__ import annotations

import gzip
import hashlib
import os
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.datasets import foreign, places
from mytorch.datasets.idx import GZIP, IdxFile, stored
from mytorch.datasets.labels import one_hot
from mytorch.datasets.pixels import PixelDataset, Pixels
from mytorch.system.atomic import replacing
from mytorch.system.download import DownloadError, fetch
from mytorch.system.errors import DataError, DataMissing

SPARE = 1_000_000  # bytes that a file may have more than its content, for a poor compressor
RECENT = 60.0  # seconds in which a file may still be being written


@dataclass(frozen=True)
class IdxSet:
    """Training images and labels, test images and labels, 28x28 and ten classes.

    `name` is that of the folder in which a download is kept, `folders` are others in which the
    files may lie, themselves or in a folder `raw`, or they lie in `$MYTORCH_DATA` itself.
    """

    name: str
    title: str
    folders: tuple[str, ...]
    mirrors: tuple[str, ...]
    files: tuple[IdxFile, IdxFile, IdxFile, IdxFile]

    def read_pixels(self, dtype: np.dtype[Any]) -> PixelDataset:
        """The training images but the last 5,000, these for validation, and the test images."""
        images, labels, test_images, test_labels = map(self.read, self.files)
        x, y = Pixels(images, 255, dtype), one_hot(labels, 10, dtype)
        test_x, test_y = Pixels(test_images, 255, dtype), one_hot(test_labels, 10, dtype)
        return (x.images(0, 55_000), y[:55_000]), (x.images(55_000), y[55_000:]), (test_x, test_y)

    def read(self, file: IdxFile) -> npt.NDArray[np.uint8]:
        """The contents of one file, `file.shape`, downloaded where nothing of its name is found.

        Raises DataMissing where it can't be had, DataError where none of those found is it.
        """
        faults = []
        for path, ours in self.places(file):
            try:
                if os.path.isdir(path):  # as some unpack a file; its inside was looked at
                    continue
                return file.array(self.verified(file, stored(path, file.size + SPARE), ours))
            except (FileNotFoundError, NotADirectoryError):
                continue
            except PermissionError as error:
                faults.append(
                    f"{path}: {error.strerror}. Make this file readable (chmod a+r) and its "
                    f"folder too (chmod a+rx), or set MYTORCH_DATA to a folder with files that "
                    f"you may read."
                )
            except (OSError, DataError) as error:
                why = (error.strerror if isinstance(error, OSError) else "") or str(error)
                faults.append(f"{path}: {why}. {self.remedy(path)}")
        if faults:
            raise DataError(faults[0])
        return file.array(self.download(file))

    def places(self, file: IdxFile) -> Iterator[tuple[Path, bool]]:
        """Where a file may lie, and whether that place is for this data set."""
        names = [file.name, file.name.replace("-idx", ".idx")]
        names = [name + end for name in names for end in ("", ".gz")]
        for folder, ours in self.all_folders():
            for name in names:
                path = folder / name
                yield path, ours
                if not name.endswith(".gz") and os.path.isdir(path):  # as some unpack it
                    yield from ((path / inner, ours) for inner in names)

    def all_folders(self) -> Iterator[tuple[Path, bool]]:
        """The folders for this data set, then those that may have it among others."""
        chosen = places.chosen()
        own = places.own_folders("")
        for base in (*([chosen] if chosen else []), *own):
            for name in (self.name, *self.folders):
                yield base / name, True
                yield base / name / "raw", True
        if chosen:
            yield chosen, False
            yield chosen / "raw", False

    def verified(self, file: IdxFile, raw: bytes, ours: bool) -> bytes | bytearray:
        """The decompressed content of `raw` (gzip or plain); DataError where it is not `file`'s.

        Where only the digest of the original gzip file is known, others are taken by their header
        and size, in a folder of this data set.
        """
        content, whole = file.unpacked(raw)
        if file.is_in(raw, content):
            if not whole:  # the checksum at its end is missing, and no other tool would take it
                raise DataError("the gzip file is cut short")
            return content
        what = file.difference(content, self.files)
        if not what:
            for other in KNOWN.values():
                if other.name != self.name and any(o.is_in(raw, content) for o in other.files):
                    what = f"it is a file of {other.title}, which load({other.name!r}) reads"
        if not what and not file.sha256 and ours and whole:
            return content
        if not what and not whole:
            what = "the gzip file is cut short"
        if not what:
            known = file.sha256 or file.packed
            digest = hashlib.sha256(content if file.sha256 else raw).hexdigest()
            what = (
                f"its SHA-256 is {digest[:12]}..., not {known[:12]}..., so it is damaged, "
                f"or from another data set with the same file names"
            )
        raise DataError(f"this is not {file.name}: {what}")

    def remedy(self, path: Path) -> str:
        """What to do about a file that is not what its name says."""
        remedy = (
            f"Put the original beside it, under any of its names, or set MYTORCH_DATA to a folder "
            f"that has it in its subfolder {self.name}"
        )
        with suppress(OSError):
            if abs(time.time() - path.stat().st_mtime) < RECENT:
                remedy += (
                    ". If another program is still writing it (it changed within the last "
                    "minute), only wait and run again"
                )
        return f"{remedy}."

    def download(self, file: IdxFile) -> bytes | bytearray:
        """The decompressed content from the first mirror that has it, kept for next time."""
        failures = []
        for mirror in places.mirrors(self.mirrors):
            try:
                raw = fetch(f"{mirror.rstrip('/')}/{file.name}.gz", file.size + SPARE, file.name)
                content = self.verified(file, raw, False)
            except (DownloadError, DataError) as error:
                failures.append(f"  {mirror}: {error}")
                continue
            self.keep(file, raw)
            return content
        own, chosen = places.own_folders(self.name), places.chosen()
        raise DataMissing(
            f"{self.title}'s {file.name} is not on this machine\nand could not be downloaded:\n"
            + "\n".join(failures or ["  MYTORCH_MIRRORS names no mirror"])
            + f"\nPut the four files into {own[0] if own else f'a folder named {self.name}'}:\n"
            + "\n".join(f"  {f.name}.gz" for f in self.files)
            + f"\n{'or' if own else 'and'} set MYTORCH_DATA to a folder that has them in its "
            + f"subfolder {self.name}{f' (now it is {chosen})' if chosen else ''}."
            + (foreign.hint((f for f, _ in self.all_folders()), foreign.MNIST)
               if self.name == "mnist" else "")
        )  # fmt: skip

    def keep(self, file: IdxFile, raw: bytes) -> None:
        """Stores a download in the first folder that can be written; without one, warns."""
        failures = []
        for folder in places.own_folders(self.name):
            path = folder / f"{file.name}.gz"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                with replacing(path) as target:
                    target.write(raw if raw[:2] == GZIP else gzip.compress(raw))
                return
            except OSError as error:
                failures.append(f"  {path}: {error.strerror or error}")
        warnings.warn(
            f"{self.title}'s {file.name} was downloaded, but could not be kept for the next time:\n"
            + "\n".join(failures or ["  neither HOME nor XDG_CACHE_HOME names a folder"])
            + "\nMake it possible to write there, or set MYTORCH_DATA to a folder that has the "
            f"four files in its subfolder {self.name}. Until then every run downloads the file "
            f"again.",
            stacklevel=2,
        )


KNOWN: dict[str, IdxSet] = {}
"""All data sets of this kind, by name, so that one is not taken for another."""


def known(one: IdxSet) -> IdxSet:
    """Adds a data set to `KNOWN`."""
    KNOWN[one.name] = one
    return one


def four_files(*digests: tuple[str, str]) -> tuple[IdxFile, IdxFile, IdxFile, IdxFile]:
    """MNIST's names and shapes, with the digests of content and gzip file in their order."""
    names = [("train", 60_000), ("t10k", 10_000)]
    (a, b), (c, d) = (
        (
            IdxFile(f"{part}-images-idx3-ubyte", (count, 28, 28), *digests[2 * i]),
            IdxFile(f"{part}-labels-idx1-ubyte", (count,), *digests[2 * i + 1]),
        )
        for i, (part, count) in enumerate(names)
    )
    return a, b, c, d
