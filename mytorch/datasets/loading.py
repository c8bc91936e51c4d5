"""Data sets, as the homework wants them: `((x, y), (x, y), (x, y))` for train, validation, test.

    train, val, test = load("mnist")

`x (N, features)` holds pixels from 0 to 1, `y (N, 10)` one-hot labels. MNIST is looked for in
`$MYTORCH_DATA/mnist`, in this repository's `data/mnist` and in the user's cache, then downloaded;
CIFAR-10 likewise, in folders named `cifar10`; the digits come with the library.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, as_floats, float_dtype
from mytorch.checks.settings import check_bool, check_dataset
from mytorch.datasets.pixels import PixelDataset

Split = tuple[FloatArray, FloatArray]
"""`x (N, features)`, or pictures `(N, channels, height, width)`, and one-hot `y (N, classes)`."""

Dataset = tuple[Split, Split, Split]
"""Training, validation and test data."""


def names() -> list[str]:
    """The names of all data sets: every module beside this one that has a `NAME` is one."""
    return [*_sets()]


def _sets() -> dict[str, ModuleType]:
    """The modules with `NAME` and `read_pixels(dtype)`, by name."""
    package = import_module(__package__)
    found = (
        import_module(f"{__package__}.{module.name}") for module in iter_modules(package.__path__)
    )
    return {module.NAME: module for module in found if hasattr(module, "NAME")}


def load(
    name: str = "mnist", dtype: npt.DTypeLike | None = None, normalized: bool = False
) -> Dataset:
    """The data set `name` in the homework's three splits, pixels from 0 to 1.

    "mnist"  : 28x28 images, `x (N, 784)`; the first 55,000 training images, the last 5,000 for
               validation, and the 10,000 test images (000 §3.7).
    "digits" : the UCI handwritten digits, 8x8 images, `x (N, 64)`; 1,197, 300 and 300 of them, in
               an order that is always the same.
    "cifar10": coloured pictures, `x (N, 3, 32, 32)`; of the 50,000 training pictures the last
               tenth for validation, and the 10,000 test pictures. As in the course of 003, the
               training split's mean image is subtracted from pixels from 0 to 255. A warning says
               where only a part of CIFAR-10 is there.

    `dtype` is float64 or float32, of `x` and `y`, by default float64, for "cifar10" float32. With
    `normalized=True`, the training split's mean is subtracted from all pixels and they are divided
    by its deviation, as `normalize` does; of "cifar10", each colour's own.
    Raises ValueError for another name, DataMissing where MNIST or CIFAR-10 can't be had, and
    DataError where a file is damaged.
    """
    train, val, test = ((x[:], y) for x, y in load_pixels(name, dtype, normalized))
    return train, val, test


def load_pixels(
    name: str = "mnist", dtype: npt.DTypeLike | None = None, normalized: bool = False
) -> PixelDataset:
    """As `load`, but each `x` is a `Pixels`, which stays bytes: a quarter of float32's memory."""
    if dtype is not None:
        dtype = float_dtype(dtype)
    normalized = check_bool(normalized, "load", "normalized")
    known = _sets()
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"load: expected one of {', '.join(known)}, got {name!r} as name")
    if dtype is None:
        dtype = float_dtype(getattr(known[name], "DTYPE", np.float64))
    train, val, test = known[name].read_pixels(dtype)
    if normalized:
        x = train[0]
        mean, deviation = x.statistics() if x.picture is None else x.channel_statistics()
        if x.picture is None:
            deviation = deviation or 1.0
        train, val, test = ((x.normalized(mean, deviation), y) for x, y in (train, val, test))
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
