"""Kuzushiji-MNIST: 28x28 images of ten handwritten Japanese letters (Clanuwat et al. 2018)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mytorch.datasets.idx_set import IdxSet, four_files, known
from mytorch.datasets.pixels import PixelDataset

NAME = "kmnist"
CLASSES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
SET = known(
    IdxSet(
        NAME,
        "KMNIST",
        ("KMNIST", "kuzushiji-mnist"),
        ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        four_files(
            ("", "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
            ("", "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
            ("", "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
            ("", "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
        ),
    )
)


def read_pixels(dtype: np.dtype[Any]) -> PixelDataset:
    """The first 55,000 training images, the last 5,000 for validation, and the 10,000 test images.

    Raises as `IdxSet.read` does.
    """
    return SET.read_pixels(dtype)
