"""Training, data sets and the gradient check."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mytorch import (
    MLP,
    Sigmoid,
    datasets,
    nn,
    training,
)
from mytorch.gradcheck import gradcheck
from mytorch.initializers import zeros_bias_init
from mytorch.linear import Linear
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import (
    ROWS,
    Flag,
    Labels,
    Numbers,
    Real,
    Thing,
    Whole,
    one_hot_rows,
    rows,
)
from tests.fuzz.table_classic import (
    X,
    Y,
    dtype,
    linear,
    network,
)
from tests.fuzz.table_criteria import not_negative
from tests.fuzz.values import EITHER, REFUSED
from tests.support.layers import xavier


def _shares(plain: Any) -> Any:
    """Rows that sum to one, of which the derivative is the gradient (000 app. A)."""
    with np.errstate(all="ignore"):
        return True if (plain >= 0).all() and (abs(plain.sum(-1) - 1) < 1e-3).all() else REFUSED


def training_calls() -> Iterator[Entry]:
    data = rows(5, ROWS, dtype="float64", finite=True)
    labels = rows(3, ROWS, make=one_hot_rows, dtype="float64", finite=True, takes=not_negative)
    shares = rows(3, ROWS, make=one_hot_rows, dtype="float64", finite=True, takes=_shares)
    seed = Thing(
        lambda: 0,
        {"a negative seed": lambda: -1},
        {"a generator": np.random.default_rng},
        (
            "None",
            "0",
            "1",
            "2",
            "3",
            "5",
            str(10**30),
            "10**400",
            "np.int64(0)",
            "an int beyond all arrays",
            "np.int64(2)",
            "np.int64(3)",
            "np.uint8(2)",
            "np.array(2)",
            "[2]",
            "np.array([2])",
        ),
    )
    good = ((X, Y), (X, Y), (X, Y))
    dset = Thing(
        lambda: good,
        {
            "one part": lambda: good[:1],
            "arrays alone": lambda: (X, Y),
            "parts of one array": lambda: ((X,), (Y,), (X,)),
            "parts of three arrays": lambda: ((X, Y, X),) * 3,
            "an array": lambda: X,
            "text": lambda: "mnist",
        },
        {"lists": lambda: [[X, Y]] * 3},
    )
    for name in ("get_training_stats", "train_epochs"):
        yield Entry(
            f"training.{name}",
            partial(_train, name),
            {
                "mlp": Thing(network, {"a class": lambda: MLP, "a layer": linear}),
                "dset": dset,
                "nepochs": Whole(2, 0, 9, counts=True),
                "batch_size": Whole(3, 1),
                "rng": seed,
                "x": data,
                "y": shares,
            },
            None,
            ("training data", "training labels"),
            (FloatingPointError,),
        )
    yield Entry(
        "training.evaluate",
        lambda mlp, x, y: training.evaluate(mlp, x, y),
        {
            "mlp": Thing(network, {"a class": lambda: MLP, "a layer": linear}),
            "x": data,
            "y": labels,
        },
        lambda **_: (),
        ("evaluation data", "evaluation labels"),
    )
    for name in ("predict", "predict_proba"):
        yield Entry(
            f"training.{name}",
            getattr(training, name),
            {
                "network": Thing(network, {"a class": lambda: MLP, "a layer": linear}),
                "x": rows(5, None, dtype="float64"),
            },
            (lambda network, x: (len(x),)) if name == "predict" else lambda network, x: (len(x), 3),
            ("input",),
        )
    numbers = Labels(3, ROWS)
    yield Entry(
        "training.confusion_matrix",
        training.confusion_matrix,
        {"labels": numbers, "predicted": numbers, "num_classes": Whole(3, 3, 9, counts=True)},
        lambda labels, predicted, num_classes: (num_classes, num_classes),
        ("class numbers", "integers"),
    )
    yield Entry(
        "training.class_weights",
        training.class_weights,
        {"labels": Numbers(((None, None),), (4, 3), make=one_hot_rows, takes=_shares)},
        lambda labels: np.shape(labels)[1:],
    )
    yield Entry(
        "training.EarlyStopping",
        lambda patience: training.EarlyStopping(patience).patience,
        {"patience": Whole(3)},
        lambda patience: (),
    )
    places = Thing(
        lambda: "weights.npz",
        {"no such folder": lambda: "nowhere/weights.npz", "a folder": lambda: ".", "nothing": str},
        {},
        ("text", "'0.5'", "'2'"),
    )
    models = Thing(network, {"a class": lambda: MLP, "a layer": linear})
    for name in ("save_weights", "load_weights"):
        yield Entry(
            f"training.{name}",
            partial(_file, name),
            {"model": models, "path": places},
            None,
            ("directory",),
            (OSError,),
        )
    for face in ("mlp.MLP", "nn.module.Module"):
        for name in ("save", "load"):
            yield Entry(
                f"{face}.{name}",
                partial(_checkpoint, face, name),
                {"path": places},
                None,
                ("directory",),
                (OSError,),
            )


def _checkpoint(face: str, name: str, path: Any) -> None:
    model = network() if face == "mlp.MLP" else nn.Linear(2, 3)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / path if isinstance(path, str) and path else path
        if name == "load" and isinstance(path, str) and path == "weights.npz":
            model.save(place)
        getattr(model, name)(place)


def _train(
    name: str, mlp: Any, dset: Any, nepochs: Any, batch_size: Any, rng: Any, **xy: Any
) -> Any:
    if type(dset) is tuple and len(dset) == 3 and dset[0][0] is X and len(dset[0]) == 2:
        dset = ((xy["x"], xy["y"]), *dset[1:])
    result = getattr(training, name)(mlp, dset, nepochs, batch_size, rng)
    return [tuple(figures) for figures in result]


def _file(name: str, model: Any, path: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / path if isinstance(path, str) and path else path
        if name == "load_weights" and isinstance(path, str) and path == "weights.npz":
            training.save_weights(network(), place)
        getattr(training, name)(model, place)


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


def gradient_checks() -> Iterator[Entry]:
    yield Entry(
        "gradcheck.gradcheck",
        lambda target, x, rng, sample, tolerance, averaged: (
            gradcheck(
                target, x, rng=rng, sample=sample, tolerance=tolerance, averaged=averaged
            ).checked
        ),
        {
            "target": Thing(
                linear,
                {
                    "a class": lambda: Sigmoid,
                    "a float32 layer": _float32_layer,
                    "a network, without labels": network,
                },
                {"a function of tensors": lambda: lambda a: a * a},
            ),
            "x": rows(5, dtype="float64", finite=True),
            "rng": Thing(
                lambda: 0,
                {"a negative seed": lambda: -1},
                {},
                (
                    "0",
                    "1",
                    "2",
                    "3",
                    "5",
                    "np.int64(0)",
                    "np.int64(2)",
                    "np.int64(3)",
                    "np.uint8(2)",
                    "np.array(2)",
                    "10**400",
                    "an int beyond all arrays",
                    str(10**30),
                    "[2]",
                    "np.array([2])",
                ),
            ),
            "sample": Whole(2, 1, also=(None,)),
            "tolerance": Real(1e-7, 0),
            "averaged": Thing(
                lambda: ("W", "b"), {}, {"one name": lambda: ["W"]}, ("a set", "a dictionary")
            ),
        },
        lambda **_: (),
        ("input",),
    )


def _float32_layer() -> Any:
    return Linear(5, 3, xavier(0), zeros_bias_init, dtype=np.float32)
