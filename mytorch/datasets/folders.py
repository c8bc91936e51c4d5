"""Pictures in class folders, `<class>/*.png`, as one array of bytes; `image_folder`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, float_dtype
from mytorch.checks.settings import check_path
from mytorch.datasets.labels import one_hot
from mytorch.datasets.pictures import ENDINGS, read_picture
from mytorch.datasets.pixels import Pixels
from mytorch.system.errors import DataError, DataMissing
from mytorch.system.progress import progress_bar

Bytes = npt.NDArray[np.uint8]


class ImageFolder(NamedTuple):
    """What `image_folder` returns."""

    x: Pixels
    y: FloatArray
    classes: tuple[str, ...]


def image_folder(path: str | os.PathLike[str], dtype: npt.DTypeLike = np.float32) -> ImageFolder:
    """The pictures of a folder that has a folder for each class, as `(x, y, classes)`.

    `classes` are the names of the folders, sorted. `x` are `Pixels`: bytes, of which indexing
    makes floats from 0 to 1, `(n, channels, height, width)`, one channel where all pictures are
    grey, else three. `y (N, classes)` is one-hot. The order is by class, then by file name:
    shuffle before you split. Files with other endings than those of pictures, and hidden ones,
    are left out.

    Raises DataError, which names the file, for one that is no picture or is cut short, for
    pictures of different sizes, and for fewer than two classes; DataMissing for no such folder.
    """
    folder = check_path(path, "image_folder")
    dtype = float_dtype(dtype)
    classes = class_names(folder)
    if not classes:
        raise DataError(
            f"{folder}: expected a folder for each class with its pictures inside, e.g. "
            f"{folder / 'cat' / '1.png'}, and found no folder in it"
        )
    files = listed(folder, classes)
    for name, own in zip(classes, files, strict=True):
        if not own:
            inner = class_names(folder / name)
            hint = f"; perhaps you mean image_folder({str(folder / name)!r})" if inner else ""
            raise DataError(
                f"{folder / name}: no pictures for this class, i.e. files with one of the endings "
                f"{', '.join(ENDINGS)}{hint}"
            )
    if len(classes) < 2:
        raise DataError(
            f"{folder}: all pictures are of one class, {classes[0]}, and there is nothing to tell "
            f"it from; expected at least two folders"
        )
    images, labels = read_classes(files, folder.name)
    x = Pixels(images, 255, dtype, picture=images.shape[1:])
    return ImageFolder(x, one_hot(labels, len(classes), dtype), classes)


def class_names(folder: Path) -> tuple[str, ...]:
    """The folders in a folder, sorted, but the hidden ones; DataMissing where it is not there."""
    return tuple(name for name, is_folder in _entries(folder) if is_folder)


def listed(folder: Path, classes: Sequence[str]) -> list[list[Path]]:
    """The pictures of each class, sorted by name; none of a class that has no folder."""
    files = []
    for name in classes:
        try:
            entries = _entries(folder / name)
        except DataMissing:
            entries = []
        files.append(
            [
                folder / name / file
                for file, is_folder in entries
                if not is_folder and file.lower().endswith(ENDINGS)
            ]
        )
    return files


def _entries(folder: Path) -> list[tuple[str, bool]]:
    """Name, and whether it is a folder, of all that is in a folder and not hidden."""
    try:
        with os.scandir(folder) as entries:
            return sorted((e.name, e.is_dir()) for e in entries if not e.name.startswith("."))
    except FileNotFoundError as error:
        raise DataMissing(f"{folder}: there is no such folder") from error
    except NotADirectoryError as error:
        raise DataError(f"{folder}: expected a folder, and this is a file") from error
    except OSError as error:
        raise DataError(f"{folder}: {error.strerror or error}") from error


def read_classes(
    files: Sequence[Sequence[Path]], what: str, shape: tuple[int, ...] | None = None
) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """Bytes `(N, height, width, channels)` and class numbers `(N,)` of all pictures, in order.

    All have the size of the first one, or are of `shape`. Raises DataError as `image_folder` does.
    """
    paths = [path for own in files for path in own]
    labels = np.repeat(np.arange(len(files)), [len(own) for own in files])
    images: Any = None
    with progress_bar(len(paths), f"reading {what}", "picture") as bar:
        for i, path in enumerate(paths):
            picture = read_picture(path)
            if images is None:
                images = np.empty((len(paths), *(shape or picture.shape)), np.uint8)
            if picture.shape[:2] != images.shape[1:3]:
                first = "expected all" if shape else f"{paths[0]} has"
                raise DataError(
                    f"{path}: its size is {_size(picture.shape)}, and {first} "
                    f"{_size(images.shape[1:])}; make all pictures of one size"
                )
            if picture.shape[2] > images.shape[3]:  # colour after grey
                images = np.repeat(images, 3, axis=3)
            images[i] = picture  # one channel fills all three
            bar.update(1)
    return images, labels


def _size(shape: Sequence[int]) -> str:
    return f"{shape[1]} x {shape[0]} (width x height)"


__all__ = ["ImageFolder", "image_folder"]
