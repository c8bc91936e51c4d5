"""MNIST: 28x28 images of handwritten digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.datasets.idx import IdxFile
from mytorch.datasets.idx_set import IdxSet, four_files, known
from mytorch.datasets.pixels import PixelDataset

NAME = "mnist"
SET = known(
    IdxSet(
        NAME,
        "MNIST",
        ("MNIST",),
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "http://yann.lecun.com/exdb/mnist/",
        ),
        four_files(
            ("ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", ""),
            ("65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", ""),
            ("0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", ""),
            ("ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", ""),
        ),
    )
)


def read_pixels(dtype: np.dtype[Any]) -> PixelDataset:
    """The first 55,000 training images, the last 5,000 for validation, and the 10,000 test images.

    Raises as `read` does.
    """
    return SET.read_pixels(dtype)


def read(file: IdxFile) -> npt.NDArray[np.uint8]:
    """The contents of one of the four files; raises as `IdxSet.read` does."""
    return SET.read(file)
