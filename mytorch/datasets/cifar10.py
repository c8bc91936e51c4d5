"""CIFAR-10: the official archive, found or downloaded and verified, or folders of pictures."""

from __future__ import annotations

import hashlib
import tarfile
import warnings
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mytorch.datasets import cifar10_folders as class_folders
from mytorch.datasets import places
from mytorch.datasets.labels import one_hot
from mytorch.datasets.pixels import PixelDataset, Pixels
from mytorch.system.download import DownloadError
from mytorch.system.errors import DataError, DataMissing
from mytorch.system.resuming import fetch_file, progress_of

NAME = "cifar10"
DTYPE = np.float32
CLASSES = class_folders.CLASSES
MIRRORS = ("https://www.cs.toronto.edu/~kriz/",)
PICTURE = (32, 32, 3)
RECORD = 1 + 32 * 32 * 3  # a byte for the class, then all red bytes, all green, all blue

ARCHIVE = "cifar-10-binary.tar.gz"
ARCHIVE_SIZE = 170_052_171
ARCHIVE_SHA256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
UNPACKED = "cifar-10-batches-bin"
BATCH = 10_000  # pictures in each file
SHA256 = {
    "data_batch_1.bin": "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
    "data_batch_2.bin": "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
    "data_batch_3.bin": "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
    "data_batch_4.bin": "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
    "data_batch_5.bin": "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
    "test_batch.bin": "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
}
PICKLES = ("cifar-10-python.tar.gz", "cifar-10-batches-py")


class Cifar10(NamedTuple):
    """All pictures as bytes, `(N, 32, 32, 3)`, and their class numbers `(N,)`.

    `about` says where they are from, and where it is so, that they are a part of CIFAR-10.
    """

    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    test_images: npt.NDArray[np.uint8]
    test_labels: npt.NDArray[np.int64]
    about: str

    @property
    def is_part(self) -> bool:
        """Whether pictures are missing."""
        return (len(self.images), len(self.test_images)) != (5 * BATCH, BATCH)


def read_pixels(dtype: np.dtype[Any]) -> PixelDataset:
    """The first nine tenths of the training pictures, the last tenth, and the test pictures.

    Of all of CIFAR-10 those are 45,000, 5,000 and 10,000. Warns where it is only a part.
    """
    data = read()
    if data.is_part:
        warnings.warn(data.about, stacklevel=4)
    return splits(data, dtype, len(data.images) // 10)


def splits(data: Cifar10, dtype: npt.DTypeLike, validation: int) -> PixelDataset:
    """Training, validation (the last of the training pictures, how many is told) and test data.

    Pixels as in the course of 003: the mean image of the training data is subtracted, and nothing
    is divided.
    """
    count = len(data.images) - validation
    mean = Pixels(data.images[:count], 1).mean_image()
    y = one_hot(data.labels, len(CLASSES), dtype)
    test_y = one_hot(data.test_labels, len(CLASSES), dtype)
    x, test_x = (
        Pixels(images, 1, dtype, mean, picture=PICTURE)
        for images in (data.images, data.test_images)
    )
    return (x.images(0, count), y[:count]), (x.images(count), y[count:]), (test_x, test_y)


def read(folder: Path | None = None) -> Cifar10:
    """CIFAR-10 from the first place that has it, or from `folder` alone; downloaded if need be.

    Raises DataMissing where it can't be had, DataError where what is there is not it.
    """
    found = _read(list(_folders()) if folder is None else [folder])
    if found is not None:
        return found
    if folder is not None:
        raise DataMissing(f"{folder}: neither CIFAR-10's archive nor folders of its classes\n{HOW}")
    return _read_archive(_download())


HOW = f"""A folder with CIFAR-10 has one of these:
  {ARCHIVE}, or {UNPACKED}/ from it
  train/CLASS/*.png and test/CLASS/*.png for each class"""


def _read(folders: Sequence[Path]) -> Cifar10 | None:
    for folder in folders:
        for place in (folder / UNPACKED, folder):
            if (place / next(iter(SHA256))).exists():
                return _read_batches(place)
        if (folder / ARCHIVE).exists():
            return _read_archive(folder / ARCHIVE)
        if class_folders.are_in(folder):
            return Cifar10(*class_folders.read(folder))
    return None


def _folders() -> Iterator[Path]:
    """Where it is looked for: `$MYTORCH_DATA`, the checkout's `data/`, the user's cache."""
    chosen = places.chosen()
    if chosen:
        yield chosen / NAME
        yield chosen / UNPACKED.removesuffix("-bin")
        yield chosen
    yield from places.own_folders(NAME)


def _read_batches(folder: Path) -> Cifar10:
    """The six files of the unpacked archive."""
    contents = []
    for name in SHA256:
        path = folder / name
        try:
            with path.open("rb") as file:
                contents.append(_verified(name, file.read(BATCH * RECORD + 1), path))
        except OSError as error:
            raise DataError(f"{path}: {error.strerror or error}. {REMEDY}") from error
    return _decoded(contents, folder)


REMEDY = f"Put the original in its place, or {ARCHIVE} beside it and this one under another name."


def _read_archive(path: Path) -> Cifar10:
    """The same six files in the archive, which is unpacked in memory alone."""
    contents: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                name = member.name.rpartition("/")[2]
                if name in SHA256 and member.isfile() and (file := archive.extractfile(member)):
                    contents[name] = _verified(name, file.read(BATCH * RECORD + 1), path)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: the archive is damaged ({error}). {ORIGINAL}") from error
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}. {ORIGINAL}") from error
    if missing := [name for name in SHA256 if name not in contents]:
        raise DataError(f"{path}: {', '.join(missing)} is not in it. {ORIGINAL}")
    return _decoded([contents[name] for name in SHA256], path)


ORIGINAL = f"Put the original {ARCHIVE} in its place."


def _verified(name: str, content: bytes, path: Path) -> bytes:
    """`content`, where it is that of the file `name`."""
    if (digest := hashlib.sha256(content).hexdigest()) == SHA256[name]:
        return content
    what = f"{name}'s" if path.name != name else "its"
    if len(content) != BATCH * RECORD:
        size = "more than" if len(content) > BATCH * RECORD else f"{len(content):,} of"
        raise DataError(f"{path}: {what} content is {size} {BATCH * RECORD:,} bytes. {REMEDY}")
    raise DataError(
        f"{path}: {what} SHA-256 is {digest[:12]}..., not {SHA256[name][:12]}..., so it is "
        f"damaged, or another file. {REMEDY}"
    )


def _decoded(contents: Sequence[bytes], where: Path) -> Cifar10:
    """Bytes in the order of a picture's rows, with a pixel's three colours side by side."""
    images = np.empty((len(contents) * BATCH, *PICTURE), np.uint8)
    labels = np.empty(len(images), np.int64)
    for i, content in enumerate(contents):
        records = np.frombuffer(content, np.uint8).reshape(BATCH, RECORD)
        rows = slice(i * BATCH, (i + 1) * BATCH)
        images[rows] = records[:, 1:].reshape(BATCH, 3, 32, 32).transpose(0, 2, 3, 1)
        labels[rows] = records[:, 0]
    train = len(images) - BATCH
    about = f"CIFAR-10 from {where}"
    return Cifar10(images[:train], labels[:train], images[train:], labels[train:], about)


def _download() -> Path:
    """The archive, kept in the first folder that can be written."""
    failures, come = [], 0
    for folder in places.own_folders(NAME):
        path = folder / ARCHIVE
        for mirror in places.mirrors(MIRRORS):
            url = f"{mirror.rstrip('/')}/{ARCHIVE}"
            try:
                fetch_file(url, path, ARCHIVE_SIZE, ARCHIVE_SHA256, ARCHIVE)
            except DownloadError as error:
                failures.append(f"  {mirror}: {error}")
                continue
            except OSError as error:
                failures.append(f"  {path}: {error.strerror or error}")
                break
            return path
        else:  # no mirror had it, and no other folder helps
            come = progress_of(path)
            break
    own, chosen = places.own_folders(NAME), places.chosen()
    raise DataMissing(
        "CIFAR-10 is not on this machine\nand could not be downloaded:\n"
        + "\n".join(failures or ["  MYTORCH_MIRRORS names no mirror"])
        + (
            f"\n{come:,} of {ARCHIVE_SIZE:,} bytes have come; the next run goes on there"
            * (come > 0)
        )
        + f"\n{HOW}\nPut it into {own[0] if own else 'a folder named cifar10'}"
        + f"\n{'or' if own else 'and'} set MYTORCH_DATA to a folder that has it in its subfolder "
        + f"{NAME}{f' (now it is {chosen})' if chosen else ''}."
        + _about_pickles()
    )


def _about_pickles() -> str:
    """A hint for whoever has the archive for Python."""
    for folder in (*_folders(), *(f / PICKLES[1] for f in _folders())):
        for name in (*PICKLES, "data_batch_1"):
            if (folder / name).exists():
                return CONVERT.format(path=folder / name)
    return ""


CONVERT = """
{path} holds pickles, which are not read, because a
pickle can run any program. Whoever trusts it unpacks it and runs in its folder:
  import pickle, numpy as np
  for name in [*(f"data_batch_{{i}}" for i in range(1, 6)), "test_batch"]:
      d = pickle.load(open(name, "rb"), encoding="bytes")
      rows = np.column_stack([d[b"labels"], d[b"data"]]).astype("u1")
      rows.tofile(name + ".bin")"""
