"""Data sets: found on this machine, downloaded or shipped, and verified."""

from mytorch.datasets.labels import one_hot
from mytorch.datasets.loading import (
    NAMES,
    Dataset,
    PixelDataset,
    Split,
    load,
    load_pixels,
    normalize,
)
from mytorch.datasets.pixels import Pixels
from mytorch.system.errors import DataError, DataMissing

__all__ = [
    "NAMES",
    "DataError",
    "DataMissing",
    "Dataset",
    "PixelDataset",
    "Pixels",
    "Split",
    "load",
    "load_pixels",
    "normalize",
    "one_hot",
]
