"""CIFAR-10 in class folders, `{train,test}/<class>/*.png`, as public mirrors hold it."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.datasets.folders import class_names, listed, read_classes
from mytorch.system.atomic import replacing
from mytorch.system.errors import DataError, DataMissing

CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
WHOLE = {"train": 5_000, "test": 1_000}  # pictures of each class
STORED = "pictures.npz"
ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")

Arrays = tuple[Any, Any, Any, Any]


def are_in(folder: Path) -> bool:
    """Whether a folder has `train/` with at least one folder of a class, and none of another."""
    with suppress(DataError):
        names = class_names(folder / "train")
        known = set(names) & {*CLASSES}
        return bool(known) and (folder.name == "cifar10" or len(known) == len(names))
    return False


def read(folder: Path) -> tuple[Any, Any, Any, Any, str, bool]:
    """What `Cifar10` has, in an order that is mixed but always the same.

    After the first reading they are kept in `pictures.npz` beside the folders, where that can be
    written; it is read in place of them until a file comes, goes or changes.
    """
    files = {part: _files(folder, part) for part in WHOLE}
    state = _state(folder, files)
    arrays = _stored(folder / STORED, state)
    if arrays is None:
        arrays = _from_pictures(folder, files)
        _store(folder / STORED, arrays, state)
    counts = [sum(map(len, own)) for own in files.values()]
    wholes = [len(CLASSES) * n for n in WHOLE.values()]
    about = f"CIFAR-10 from {folder}"
    if counts != wholes:
        about = (
            f"a part of CIFAR-10: {counts[0]:,} of {wholes[0]:,} training pictures and "
            f"{counts[1]:,} of {wholes[1]:,} test pictures, from {folder}"
        )
    return *arrays, about, counts != wholes


def _files(folder: Path, part: str) -> list[list[Path]]:
    """The pictures of each class; DataError where these are not CIFAR-10 or a part of it."""
    try:
        names = class_names(folder / part)
    except DataMissing as error:
        raise DataError(f"{error}; CIFAR-10's pictures are in train/ and test/") from error
    if strange := [name for name in names if name not in CLASSES]:
        raise DataError(
            f"{folder / part / strange[0]}: {strange[0]!r} is no class of CIFAR-10; they are "
            f"{', '.join(CLASSES)}. For other pictures: mytorch.datasets.image_folder(path)"
        )
    files = listed(folder / part, CLASSES)
    for name, own in zip(CLASSES, files, strict=True):
        if len(own) > WHOLE[part]:
            raise DataError(
                f"{folder / part / name}: it has {len(own):,} pictures, and CIFAR-10 has "
                f"{WHOLE[part]:,} of each class there; perhaps others were copied into it"
            )
    if not any(files):
        raise DataError(f"{folder / part}: there are no pictures in its class folders")
    return files


def _from_pictures(folder: Path, files: dict[str, list[list[Path]]]) -> Arrays:
    arrays: list[npt.NDArray[Any]] = []
    for part, own in files.items():
        images, labels = read_classes(own, f"{folder.name}/{part}", (32, 32, 3))
        order = np.random.RandomState(0).permutation(len(images))  # its stream is frozen for good
        arrays += [images[order], labels[order]]
    return arrays[0], arrays[1], arrays[2], arrays[3]


def _state(folder: Path, files: dict[str, list[list[Path]]]) -> str:
    """A checksum of the names, sizes and times of all files."""
    digest = hashlib.sha256()
    for path in (path for part in files.values() for own in part for path in own):
        try:
            info = path.stat()
        except OSError as error:
            raise DataError(f"{path}: {error.strerror or error}") from error
        line = f"{path.relative_to(folder).as_posix()} {info.st_size} {info.st_mtime_ns}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _stored(path: Path, state: str) -> Arrays | None:
    """What was kept of exactly these files; None where there is nothing, or it can't be read."""
    with (
        suppress(Exception),  # whatever zipfile and NumPy make of a damaged file
        path.open("rb") as file,  # NumPy itself would leave such a one open
        np.load(file, allow_pickle=False) as stored,
    ):
        if str(stored["state"]) == state:
            arrays = [stored[name] for name in ARRAYS]
            return arrays[0], arrays[1], arrays[2], arrays[3]
    return None


def _store(path: Path, arrays: Arrays, state: str) -> None:
    with suppress(OSError), replacing(path) as file:  # a folder that only may be read will do
        content: dict[str, Any] = dict(zip(ARRAYS, arrays, strict=True))
        np.savez(file, **content, state=np.array(state))
