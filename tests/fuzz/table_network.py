"""The classic face's network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from mytorch import (
    L2,
    BatchNorm,
    CrossEntropy,
    Identity,
    ReLU,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Tanh,
)
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import (
    ROWS,
    Flag,
    Real,
    Thing,
    Whole,
    either,
    exactly,
    one_hot_rows,
    rows,
)
from tests.fuzz.table_classic import (
    X,
    bias_init,
    dtype_or_none,
    linear,
    network,
    state,
    trained,
    weight_init,
)
from tests.fuzz.table_criteria import not_negative

DATA = rows(5, dtype="float64")
LABELS = rows(3, ROWS, make=one_hot_rows, dtype="float64", takes=not_negative)
ROWS_OF_ANY = rows(3, ROWS, make=one_hot_rows, dtype="float64")


def whole_network() -> Iterator[Entry]:
    yield Entry(
        "mlp.MLP",
        _built,
        {
            "input_size": Whole(5),
            "output_size": Whole(3),
            "hiddens": Thing(
                lambda: [4],
                {
                    "one number": lambda: 4,
                    "a negative width": lambda: [-4],
                    "no units": lambda: [0],
                    "a fraction": lambda: [2.5],
                    "a whole fraction": lambda: [4.0],
                    "a boolean": lambda: [True],
                    "text": lambda: ["4"],
                    "a list of lists": lambda: [[4]],
                    "NaN": lambda: [float("nan")],
                    "too many": lambda: [4, 4],
                    "too few": lambda: [],
                    "an array of fractions": lambda: np.array([4.5]),
                    "a matrix": lambda: np.array([[4]]),
                    "None in it": lambda: [None],
                    "a tuple": lambda: (3, 3),
                },
                {"an array": lambda: np.array([4]), "a good tuple": lambda: (4,)},
                ("[2]", "np.array([2])"),
            ),
            "activations": Thing(
                lambda: [Tanh(), Identity()],
                {
                    "one activation": Tanh,
                    "a class": lambda: [Tanh, Identity()],
                    "text in a list": lambda: ["tanh", Identity()],
                    "None in a list": lambda: [None, Identity()],
                    "too few": lambda: [Identity()],
                    "too many": lambda: [Tanh(), ReLU(), Identity()],
                    "one object twice": lambda: [Identity()] * 2,
                    "a criterion": lambda: [L2(), Identity()],
                    "a layer": lambda: [linear(), Identity()],
                    "a function": lambda: [np.tanh, Identity()],
                    "a softmax before the softmax": lambda: [Tanh(), Softmax()],
                },
                {"a tuple": lambda: (Tanh(), Identity()), "a generator": _activations},
            ),
            "weight_init_fn": weight_init(),
            "bias_init_fn": bias_init(),
            "criterion": Thing(
                SoftmaxCrossEntropy,
                {
                    "a class": lambda: L2,
                    "an activation": Sigmoid,
                    "one of probabilities": CrossEntropy,
                    "a layer": lambda: BatchNorm(3),
                },
                {"L2": L2},
            ),
            "lr": Real(0.1, 0),
            "momentum": Real(0.5, 0, 1),
            "num_bn_layers": Whole(1, 0, 2),
            "dtype": dtype_or_none(),
        },
        None,
        ("hiddens", "feature", "activation", "activations", "criterion", "W", "b", "whole number"),
    )
    for method in ("forward", "__call__"):
        yield Entry(
            f"mlp.MLP.{method}",
            lambda x, method=method: getattr(network(), method)(x),
            {"x": DATA},
            lambda x: (len(x), 3),
            ("input",),
        )
    yield Entry("mlp.MLP.backward", _backward, {"labels": LABELS, "input_grad": Flag()})
    for method in ("error", "total_loss"):
        yield Entry(
            f"mlp.MLP.{method}",
            lambda labels, method=method: getattr(trained(), method)(labels),
            {"labels": ROWS_OF_ANY if method == "error" else LABELS},
            lambda labels: (),
        )
    good = network().state_dict()
    name = "0.weight"
    yield Entry(
        "mlp.MLP.load_state_dict",
        _load,
        {
            "state": Thing(
                lambda: good,
                {
                    "an empty state": dict,
                    "a name missing": lambda: {k: v for k, v in good.items() if k != "0.bias"},
                    "a name too much": lambda: {**good, "9.weight": np.ones(2)},
                    "a name that is no text": lambda: {**good, 3: np.ones(2)},
                    "pairs": lambda: list(good.items()),
                },
            ),
            name: exactly(4, 5),
        },
    )
    for attribute, shape in (("W", (5, 4)), ("dW", (5, 4)), ("b", (1, 4)), ("db", (1, 4))):
        yield Entry(
            f"mlp.MLP.{attribute}",
            partial(_assign, attribute),
            {
                "value": exactly(*shape) if shape[0] > 1 else either((1, 4), (4,)),
                "index": Whole(0, -2, 1),
                "whole": Thing(
                    lambda: None,
                    {
                        "too few": partial(_ones, shape),
                        "an array": partial(np.ones, (2, *shape)),
                        "other shapes": partial(_ones, shape, (9, 9)),
                    },
                    {},
                    ("None",),
                ),
            },
            None,
            (attribute,),
        )
    for attribute, most in (("lr", np.inf), ("momentum", 1)):
        yield Entry(
            f"mlp.MLP.{attribute}",
            partial(_step, attribute),
            {"value": Real(0.5, 0, most)},
            words=(attribute,),
        )


def _built(**settings: Any) -> Any:
    mlp = network(**settings)
    return mlp.forward(np.ones((ROWS, mlp.input_size)))


def _ones(*shapes: tuple[int, ...]) -> list[Any]:
    return [np.ones(shape) for shape in shapes]


def _activations() -> Any:
    yield Tanh()
    yield Identity()


def _backward(labels: Any, input_grad: Any) -> Any:
    mlp = network()
    mlp.forward(X)
    return mlp.backward(labels, input_grad), state(mlp)


def _load(state: Any, **changes: Any) -> Any:
    mlp = network()
    mlp.load_state_dict({**state, **changes} if type(state) is dict and changes else state)
    return mlp.forward(X)


def _assign(attribute: str, value: Any, index: Any, whole: Any) -> Any:
    mlp = trained()
    if whole is not None:
        setattr(mlp, attribute, whole)
    arrays = getattr(mlp, attribute)
    arrays[index] = (
        value if isinstance(index, int | np.integer) and index in (0, -2) else arrays[index] * 2
    )
    mlp.step()
    return arrays[0], mlp.forward(X)


def _step(attribute: str, value: Any) -> Any:
    mlp = trained()
    setattr(mlp, attribute, value)
    mlp.step()
    mlp.step()
    return mlp.state_dict()
