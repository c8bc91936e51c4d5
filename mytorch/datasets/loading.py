"""Data sets, as the homework wants them: `((x, y), (x, y), (x, y))` for train, validation, test.

    train, val, test = load("mnist")

`x (N, features)` holds pixels from 0 to 1, `y (N, 10)` one-hot labels. MNIST is looked for in
`$MYTORCH_DATA/mnist`, in this repository's `data/mnist` and in the user's cache, then downloaded;
the digits come with the library.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, as_floats, float_dtype
from mytorch.checks.settings import check_bool, check_dataset
from mytorch.datasets import mnist
from mytorch.datasets.labels import one_hot
from mytorch.datasets.pixels import Pixels
from mytorch.system.errors import DataError

Split = tuple[FloatArray, FloatArray]
"""`x (N, features)` and one-hot `y (N, classes)`."""

Dataset = tuple[Split, Split, Split]
"""Training, validation and test data."""

PixelDataset = tuple[
    tuple[Pixels, FloatArray], tuple[Pixels, FloatArray], tuple[Pixels, FloatArray]
]
"""The same with images as bytes."""

NAMES = ("mnist", "digits")


def load(
    name: str = "mnist", dtype: npt.DTypeLike = np.float64, normalized: bool = False
) -> Dataset:
    """The data set `name` in the homework's three splits, pixels from 0 to 1.

    "mnist"  : 28x28 images, `x (N, 784)`; the first 55,000 training images, the last 5,000 for
               validation, and the 10,000 test images (000 §3.7).
    "digits" : the UCI handwritten digits, 8x8 images, `x (N, 64)`; 1,197, 300 and 300 of them, in
               an order that is always the same.

    `dtype` is float64 or float32, of `x` and `y`. With `normalized=True`, the training split's mean
    is subtracted from all pixels and they are divided by its deviation, as `normalize` does.
    Raises ValueError for another name, DataMissing where MNIST can't be had, and DataError where
    a file is damaged.
    """
    train, val, test = ((x[:], y) for x, y in load_pixels(name, dtype, normalized))
    return train, val, test


def load_pixels(
    name: str = "mnist", dtype: npt.DTypeLike = np.float64, normalized: bool = False
) -> PixelDataset:
    """As `load`, but each `x` is a `Pixels`, which stays bytes: a quarter of float32's memory."""
    dtype = float_dtype(dtype)
    normalized = check_bool(normalized, "load", "normalized")
    if not isinstance(name, str) or name not in NAMES:
        raise ValueError(f"load: expected one of {', '.join(NAMES)}, got {name!r} as name")
    train, val, test = _load_mnist(dtype) if name == "mnist" else _load_digits(dtype)
    if normalized:
        mean, deviation = train[0].statistics()
        train, val, test = (
            (x.normalized(mean, deviation or 1.0), y) for x, y in (train, val, test)
        )
    return train, val, test


def normalize(dset: Dataset) -> Dataset:
    """`(x - mean) / deviation` of all three splits, with the training split's mean and deviation.

    Both are single numbers, over all samples and features: single pixels of MNIST never vary.
    """
    train, val, test = check_dataset(dset, 3, "normalize")
    named = zip(("training", "validation", "test"), (train, val, test), strict=True)
    splits = [(as_floats(x, "normalize", f"{what} data of dset"), y) for what, (x, y) in named]
    train_x = splits[0][0]
    if train_x.size == 0 or not np.isfinite(train_x).all():
        raise ValueError(
            f"normalize: expected finite numbers as training data, at least one, in dset, "
            f"got an array {train_x.shape}{' with NaN or infinities' if train_x.size else ''}"
        )
    mean = float(train_x.mean(dtype=np.float64))
    deviation = float(train_x.std(dtype=np.float64)) or 1.0  # a constant data set becomes zeros
    train, val, test = (((x - mean) / deviation, y) for x, y in splits)
    return train, val, test


def _load_mnist(dtype: np.dtype[Any]) -> PixelDataset:
    x = Pixels(mnist.read(mnist.TRAIN_IMAGES), 255, dtype)
    y = one_hot(mnist.read(mnist.TRAIN_LABELS), 10, dtype)
    test_x = Pixels(mnist.read(mnist.TEST_IMAGES), 255, dtype)
    test_y = one_hot(mnist.read(mnist.TEST_LABELS), 10, dtype)
    return (x.images(0, 55_000), y[:55_000]), (x.images(55_000), y[55_000:]), (test_x, test_y)


DIGITS_SHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"


def _load_digits(dtype: np.dtype[Any]) -> PixelDataset:
    path = _digits_file()
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise DataError(f"{path}: {why}; install mytorch again") from error
    if hashlib.sha256(content).hexdigest() != DIGITS_SHA256:
        raise DataError(f"{path}: its content is not the digits; install mytorch again")
    rows = np.loadtxt(io.BytesIO(content), delimiter=",", dtype=np.uint8)
    order = np.random.RandomState(0).permutation(len(rows))  # its stream is frozen for good
    x, y = Pixels(rows[order, :-1], 16, dtype), one_hot(rows[order, -1], 10, dtype)
    train, val, test = (
        (x.images(start, stop), y[start:stop])
        for start, stop in ((0, 1197), (1197, 1497), (1497, None))
    )
    return train, val, test


def _digits_file() -> Path:
    """In an installed package beside this module, in a checkout in the `data` folder."""
    root = mnist.repository()
    folder = root / "data" if root else Path(__file__).resolve().parents[1] / "data"
    return folder / "digits" / "digits.csv.gz"
