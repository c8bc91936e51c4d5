"""Images as bytes, and how many threads a product uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mytorch import MLP
from mytorch.datasets.pixels import Pixels
from mytorch.system.threads import blas_threads, threads_for
from tests.fuzz.choices import KEYS
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import Real, Thing, Whole
from tests.fuzz.table_classic import dtype, linear, network

IMAGES = np.arange(6, dtype=np.uint8).reshape(2, 3, 1)


def pixels() -> Pixels:
    return Pixels(IMAGES, 5, mean=0.5, deviation=0.25)


def images_as_bytes() -> Iterator[Entry]:
    images = Thing(
        lambda: IMAGES,
        {
            "floats": lambda: IMAGES / 5,
            "signed bytes": lambda: IMAGES.astype(np.int8),
            "a list": IMAGES.tolist,
            "text": lambda: IMAGES.astype("S1"),
            "masked bytes": lambda: np.ma.masked_greater(IMAGES, 2),
            "one row": lambda: IMAGES[0, :, 0],
            "one byte": lambda: IMAGES[0, 0, 0],
            "a byte as an array": lambda: np.array(IMAGES[0, 0, 0]),
            "images without pixels": lambda: IMAGES[:, :0],
        },
        {
            "no images": lambda: IMAGES[:0],
            "rows": lambda: IMAGES[..., 0],
            "Fortran order": lambda: np.asfortranarray(IMAGES),
            "backwards": lambda: IMAGES[::-1],
        },
    )
    mean, deviation = Real(0.5), Real(0.25, 1e-30)
    yield Entry(
        "datasets.Pixels",
        lambda images, white, dtype, mean, deviation: Pixels(images, white, dtype, mean, deviation)[
            :
        ],
        {
            "images": images,
            "white": Whole(5, 1, 255),
            "dtype": dtype(),
            "mean": mean,
            "deviation": deviation,
        },
        lambda **_: (2, 3),
    )
    yield Entry(
        "datasets.Pixels.__getitem__",
        lambda rows: pixels()[rows],
        {"rows": KEYS},
        lambda rows: np.empty((2, 3))[rows].shape,
    )
    yield Entry(
        "datasets.Pixels.astype",
        lambda dtype: pixels().astype(dtype)[:],
        {"dtype": dtype()},
        lambda dtype: (2, 3),
    )
    yield Entry(
        "datasets.Pixels.normalized",
        lambda mean, deviation: pixels().normalized(mean, deviation)[:],
        {"mean": mean, "deviation": deviation},
        lambda **_: (2, 3),
    )
    yield Entry(
        "datasets.Pixels.pictures",
        lambda height, width, channels: pixels().pictures(height, width, channels)[:],
        {"height": Whole(3, 3, 3), "width": Whole(1, 1, 1), "channels": Whole(1, 1, 1)},
        lambda **_: (2, 1, 3, 1),
    )
    yield Entry(
        "datasets.Pixels.images",
        lambda start, stop: pixels().images(start, stop)[:],
        {"start": Whole(0, -(2**31) + 1), "stop": Whole(1, -(2**31) + 1, also=(None,))},
        lambda start, stop: np.empty((2, 3))[start:stop].shape,
    )


def numbers_of_threads() -> Iterator[Entry]:
    models = Thing(network, {"a class": lambda: MLP, "a layer": linear})
    yield Entry(
        "system.threads.threads_for", threads_for, {"mlp": models, "batch_size": Whole(3, 1)}, None
    )
    yield Entry("system.threads.blas_threads", _limited, {"count": Whole(1, 1, also=(None,))}, None)


def _limited(count: Any) -> None:
    with blas_threads(count):
        pass
