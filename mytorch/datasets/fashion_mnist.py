"""Fashion-MNIST: 28x28 images of clothes, in files with MNIST's names (Xiao et al. 2017)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mytorch.datasets.idx_set import IdxSet, four_files, known
from mytorch.datasets.pixels import PixelDataset

NAME = "fashion-mnist"
CLASSES = (
    *("T-shirt/top", "trouser", "pullover", "dress", "coat"),
    *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
)
SET = known(
    IdxSet(
        NAME,
        "Fashion-MNIST",
        ("FashionMNIST", "fashion_mnist", "fashion", "data/fashion"),
        ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        four_files(
            ("", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            ("bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9", ""),
            ("", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            ("0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34", ""),
        ),
    )
)


def read_pixels(dtype: np.dtype[Any]) -> PixelDataset:
    """The first 55,000 training images, the last 5,000 for validation, and the 10,000 test images.

    Raises as `IdxSet.read` does.
    """
    return SET.read_pixels(dtype)
