"""Layers for pictures, each with a shape that it takes."""

from collections.abc import Callable
from typing import Any

from mytorch import ELU, GELU, AvgPool2d, BatchNorm2d, Conv2d, Flatten, MaxPool2d

LAYERS: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "Conv2d": (lambda: Conv2d(2, 3, (3, 2), (2, 1), 1, rng=0), (3, 2, 5, 4)),
    "F(2,3)": (lambda: Conv2d(16, 2, 3, padding=1, rng=0), (2, 16, 4, 5)),
    "F(4,3)": (lambda: Conv2d(16, 1, 3, padding=1, rng=0), (1, 16, 9, 8)),
    "2x2": (lambda: Conv2d(16, 2, 3, padding=1, rng=0), (2, 16, 2, 2)),
    "without bias": (lambda: Conv2d(2, 3, 2, bias=False, rng=0), (2, 2, 3, 4)),
    "MaxPool2d": (lambda: MaxPool2d(3, 2, 1), (2, 2, 5, 6)),
    "AvgPool2d": (lambda: AvgPool2d((2, 3), 2, 1), (2, 2, 5, 6)),
    "BatchNorm2d": (lambda: BatchNorm2d(2), (3, 2, 2, 3)),
    "Flatten": (Flatten, (2, 3, 2)),
    "ELU": (lambda: ELU(0.5), (4, 5)),
    "GELU": (GELU, (4, 5)),
}
