"""Training, evaluation, stored weights."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mytorch import MLP, nn, training
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import ROWS, Labels, Numbers, Thing, Whole, one_hot_rows, rows
from tests.fuzz.table_classic import X, Y, linear, network
from tests.fuzz.table_criteria import not_negative
from tests.fuzz.values import REFUSED, SEEDS


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
        ("None", *SEEDS),
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
