"""The UCI handwritten digits, which come with the library."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from mytorch.datasets import places
from mytorch.datasets.labels import one_hot
from mytorch.datasets.pixels import PixelDataset, Pixels
from mytorch.system.errors import DataError

NAME = "digits"
DIGITS_SHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"


def read_pixels(dtype: np.dtype[Any]) -> PixelDataset:
    """1,197 images for training, 300 for validation and 300 for test, 8x8, always in one order.

    Raises DataError where the file is missing or damaged.
    """
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
    root = places.repository()
    folder = root / "data" if root else Path(__file__).resolve().parents[1] / "data"
    return folder / "digits" / "digits.csv.gz"
