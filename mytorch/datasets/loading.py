"""Data sets, as the homework wants them: `((x, y), (x, y), (x, y))` for train, validation, test.

    train, val, test = load("mnist")

`x (N, features)` holds pixels from 0 to 1, `y (N, 10)` one-hot labels. MNIST is looked for in
`$MYTORCH_DATA/mnist`, in this repository's `data/mnist` and in the user's cache, then downloaded;
the digits come with the library.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, float_dtype
from mytorch.checks.settings import check_bool
from mytorch.datasets.pixels import PixelDataset

Split = tuple[FloatArray, FloatArray]
"""`x (N, features)` and one-hot `y (N, classes)`."""

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
    name: str = "mnist", dtype: npt.DTypeLike = np.float64, normalized: bool = False
) -> Dataset:
    """The data set `name` in the homework's three splits, pixels from 0 to 1.

    "mnist"  : 28x28 images, `x (N, 784)`; the first 55,000 training images, the last 5,000 for
               validation, and the 10,000 test images (000 §3.7).
    "digits" : the UCI handwritten digits, 8x8 images, `x (N, 64)`; 1,197, 300 and 300 of them, in
               an order that is always the same.

    `dtype` is float64 or float32, of `x` and `y`. With `normalized=True`, the training split's mean
    is subtracted from all pixels and they are divided by its deviation, as `normalize_pixels` does.
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
    known = _sets()
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"load: expected one of {', '.join(known)}, got {name!r} as name")
    train, val, test = known[name].read_pixels(dtype)
    if normalized:
        mean, deviation = train[0].statistics()
        train, val, test = (
            (x.normalized(mean, deviation or 1.0), y) for x, y in (train, val, test)
        )
    return train, val, test
