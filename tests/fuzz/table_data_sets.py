"""Data sets: reading, loading, scaling, one-hot labels."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mytorch import datasets
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import ROWS, Flag, Labels, Numbers, Thing, Whole
from tests.fuzz.table_classic import X, Y, dtype
from tests.fuzz.values import EITHER, REFUSED


def _read(name: str, path: Any, *settings: Any) -> Any:
    """`read_idx` of a file, or `image_folder` of two classes, made for this."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "weights.npz"
        if name == "read_idx":
            made.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 5, 6]))
        else:
            for kind in "ab":
                (made / kind).mkdir(parents=True)
                (made / kind / "1.pgm").write_bytes(b"P5 3 2 255 " + bytes(6))
        place = Path(folder) / path if isinstance(path, str) and path else path
        read = getattr(datasets, name)(place, *settings)
        return read if name == "read_idx" else read.x[:]


def data_sets() -> Iterator[Entry]:
    names = Thing(lambda: "weights.npz", {"no name": str, "another": lambda: "nothing here"})
    yield Entry(
        "datasets.read_idx",
        partial(_read, "read_idx"),
        {"path": names},
        lambda path: (2,),
        ("no such file",),
    )
    yield Entry(
        "datasets.image_folder",
        lambda path, dtype: _read("image_folder", path, dtype),
        {"path": names, "dtype": dtype()},
        lambda path, dtype: (2, 1, 2, 3),
        ("no such folder",),
    )
    for load in ("load", "load_pixels"):
        yield Entry(
            f"datasets.{load}",
            lambda name, dtype, normalized, load=load: [
                np.asarray(part) for part in getattr(datasets, load)(name, dtype, normalized)[1]
            ],
            {
                "name": Thing(lambda: "digits", {"another name": lambda: "cifar", "no name": str}),
                "dtype": dtype(),
                "normalized": Flag(),
            },
            None,
        )
    shapes = {"normalize_pixels": (), "normalize_columns": ((None, 5),)}
    yield from (_scaling(name, some) for name, some in shapes.items())
    yield Entry(
        "datasets.one_hot",
        datasets.one_hot,
        {"labels": Labels(3, None), "num_classes": Whole(3, 3), "dtype": dtype()},
        lambda labels, num_classes, dtype: (len(labels), num_classes),
        ("label", "class"),
    )


def _scaling(name: str, shapes: Any) -> Entry:
    return Entry(
        f"datasets.{name}",
        lambda x, dset: getattr(datasets, name)(
            dset and ((x, Y), *dset[1:])
            if type(dset) is tuple and len(dset) == 3 and len(dset[0]) == 2
            else dset
        ),
        {
            "x": Numbers(shapes, (ROWS, 5), dtype="input", finite=True, takes=_one_range),
            "dset": Thing(
                lambda: ((X, Y), (X, Y), (X, Y)),
                {
                    "one part": lambda: ((X, Y),),
                    "arrays": lambda: (X, Y, X),
                    "an array": lambda: X,
                    "an empty list": list,
                    "parts of one array": lambda: ((X,), (X,), (X,)),
                },
                {"lists": lambda: [[X, Y]] * 3},
            ),
        },
        words=("training data",),
    )


def _one_range(plain: Any) -> Any:
    if not plain.size:
        return REFUSED
    return True if plain.ndim != 2 or np.ptp(plain) < 500 else EITHER
