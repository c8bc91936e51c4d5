"""MNIST's files as a short script reads them, without checks."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDER = Path(os.environ["MYTORCH_DATA"]) / "mnist"


def read(name: str, header: int) -> npt.NDArray[Any]:
    """The numbers of one file, flat."""
    with gzip.open(FOLDER / f"{name}.gz") as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def images(part: str) -> npt.NDArray[Any]:
    """`(N, 784)` in float32, from 0 to 1."""
    return read(f"{part}-images-idx3-ubyte", 16).reshape(-1, 784).astype(np.float32) / 255


def labels(part: str) -> npt.NDArray[Any]:
    """`(N,)`, int64."""
    return read(f"{part}-labels-idx1-ubyte", 8).astype(np.int64)
