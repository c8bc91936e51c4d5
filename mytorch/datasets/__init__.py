"""Data sets: found on this machine, downloaded or shipped, and verified."""

from mytorch.datasets.labels import one_hot
from mytorch.datasets.loading import (
    Dataset,
    Split,
    load,
    load_pixels,
    names,
    normalize,
)
from mytorch.datasets.pixels import PixelDataset, Pixels
from mytorch.system.errors import DataError, DataMissing

__all__ = [
    "DataError",
    "DataMissing",
    "Dataset",
    "PixelDataset",
    "Pixels",
    "Split",
    "load",
    "load_pixels",
    "names",
    "normalize",
    "one_hot",
]
