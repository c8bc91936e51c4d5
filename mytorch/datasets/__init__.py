"""Data sets: found on this machine, downloaded or shipped, and verified; tables of your own."""

from mytorch.datasets.columns import Columns
from mytorch.datasets.folders import ImageFolder, image_folder
from mytorch.datasets.idx import read_idx
from mytorch.datasets.labels import one_hot
from mytorch.datasets.loading import (
    Dataset,
    Split,
    load,
    load_pixels,
    names,
)
from mytorch.datasets.pixels import PixelDataset, Pixels
from mytorch.datasets.scaling import normalize_columns, normalize_pixels
from mytorch.datasets.splitting import split
from mytorch.datasets.tables import Table, read_csv
from mytorch.system.errors import DataError, DataMissing

normalize = normalize_pixels  # its name in version 0.1

__all__ = [
    "Columns",
    "DataError",
    "DataMissing",
    "Dataset",
    "ImageFolder",
    "PixelDataset",
    "Pixels",
    "Split",
    "Table",
    "image_folder",
    "load",
    "load_pixels",
    "names",
    "normalize",
    "normalize_columns",
    "normalize_pixels",
    "one_hot",
    "read_csv",
    "split",
    "read_idx",
]
