"""Data sets: found on this machine, downloaded or shipped, and verified."""

from mytorch.datasets.folders import ImageFolder, image_folder
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
    "ImageFolder",
    "PixelDataset",
    "Pixels",
    "Split",
    "image_folder",
    "load",
    "load_pixels",
    "names",
    "normalize",
    "one_hot",
]
