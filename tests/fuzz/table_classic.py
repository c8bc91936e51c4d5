"""The classic face: activations, layers, criteria, the network, initial weights."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from mytorch import (
    L2,
    MLP,
    BatchNorm,
    Identity,
    LeakyReLU,
    Linear,
    ReLU,
    Sigmoid,
    Softmax,
    SoftmaxCrossEntropy,
    Tanh,
)
from mytorch.initializers import zeros_bias_init
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import (
    ROWS,
    Flag,
    Numbers,
    Real,
    Thing,
    Whole,
    either,
    exactly,
    rows,
)
from tests.fuzz.values import REFUSED
from tests.support.layers import xavier

X = np.random.default_rng(1).normal(size=(ROWS, 5))
Y = np.eye(3)[[0, 2, 1, 1]]


def linear() -> Linear:
    return Linear(5, 3, xavier(0), zeros_bias_init)


def network(**changes: Any) -> MLP:
    settings: dict[str, Any] = {
        "input_size": 5,
        "output_size": 3,
        "hiddens": [4],
        "activations": [Tanh(), Identity()],
        "weight_init_fn": xavier(0),
        "bias_init_fn": zeros_bias_init,
        "criterion": SoftmaxCrossEntropy(),
        "lr": 0.1,
        "momentum": 0.5,
        "num_bn_layers": 1,
    }
    return MLP(**settings | changes)


def trained(**changes: Any) -> MLP:
    """A network that has seen a batch."""
    mlp = network(**changes)
    mlp.forward(X)
    mlp.backward(Y)
    return mlp


def state(mlp: MLP) -> Any:
    """Everything that a call can have changed."""
    grads = [(np.array(layer.dW), np.array(layer.db)) for layer in mlp.linear_layers]
    norms = [(np.array(bn.dgamma), np.array(bn.dbeta)) for bn in mlp.bn_layers]
    return mlp.state_dict(), grads, norms


def activations() -> Iterator[Entry]:
    for cls in (Identity, Sigmoid, Tanh, ReLU, LeakyReLU, Softmax):
        name = f"activation.{cls.__name__}"
        x = Numbers()
        if cls is Softmax:  # rows with at least one column
            x = Numbers(takes=lambda a: True if a.ndim == 2 and a.shape[1] > 0 else REFUSED)
        for method in ("forward", "__call__"):
            yield Entry(
                f"{name}.{method}",
                partial(_forward, cls, method),
                {"x": x},
                lambda x: x.shape,
                ("input", "rows of logits"),
            )
        for method in ("derivative", "backward"):
            yield Entry(
                f"{name}.{method}",
                partial(_backward, cls, method),
                {"grad": exactly(ROWS, 5, dtype="float64", none=method == "derivative")},
                None if method == "derivative" else lambda grad: grad.shape,
                ("gradient",),
            )
    yield Entry(
        "activation.LeakyReLU",
        lambda negative_slope: LeakyReLU(negative_slope).forward(X),
        {"negative_slope": Real(0.01, 0)},
        lambda negative_slope: X.shape,
    )


def _forward(cls: type, method: str, x: Any) -> Any:
    layer = cls()
    return getattr(layer, method)(x), layer.state


def _backward(cls: type, method: str, grad: Any) -> Any:
    layer = cls()
    layer.forward(X)
    return getattr(layer, method)(grad)


def layers() -> Iterator[Entry]:
    sizes = ("feature",)
    yield Entry(
        "linear.Linear",
        lambda in_feature, out_feature, weight_init_fn, bias_init_fn, dtype: (
            Linear(in_feature, out_feature, weight_init_fn, bias_init_fn, dtype).W
        ),
        {
            "in_feature": Whole(5),
            "out_feature": Whole(3),
            "weight_init_fn": weight_init(),
            "bias_init_fn": bias_init(),
            "dtype": dtype_or_none(),
        },
        lambda in_feature, out_feature, **_: (in_feature, out_feature),
        (*sizes, "W", "b"),
    )
    for method in ("forward", "__call__"):
        yield Entry(
            f"linear.Linear.{method}",
            lambda x, method=method: getattr(linear(), method)(x),
            {"x": rows(5, dtype="float64")},
            lambda x: (len(x), 3),
            ("input",),
        )
    for method in ("backward", "parameter_gradients"):
        yield Entry(
            f"linear.Linear.{method}",
            partial(_linear_backward, method),
            {"delta": rows(3, ROWS, dtype="float64")},
            (lambda delta: (ROWS, 5)) if method == "backward" else None,
            ("gradient",),
        )
    for name, shape in (("W", (5, 3)), ("b", (1, 3))):
        for attribute in (name, f"momentum_{name}", f"d{name}"):
            yield Entry(
                f"linear.Linear.{attribute}",
                partial(_assign, attribute),
                {"value": exactly(*shape) if shape[0] > 1 else either(shape, shape[1:])},
                None if attribute[0] == "d" else lambda value, shape=shape: shape,
                (attribute,),
            )
    yield Entry(
        "batchnorm.BatchNorm",
        lambda in_feature, alpha, eps, dtype: BatchNorm(in_feature, alpha, eps, dtype).gamma,
        {
            "in_feature": Whole(3),
            "alpha": Real(0.9, 0, 1),
            "eps": Real(1e-8, 0),
            "dtype": dtype_or_none(),
        },
        lambda in_feature, **_: (1, in_feature),
        sizes,
    )
    for method in ("forward", "__call__"):
        yield Entry(
            f"batchnorm.BatchNorm.{method}",
            partial(_batchnorm, method),
            {"x": rows(5, dtype="float64"), "eval": Flag()},
            lambda x, **_: x.shape,
            ("input",),
        )
    yield Entry(
        "batchnorm.BatchNorm.infer",
        lambda x: BatchNorm(5).infer(x),
        {"x": rows(5, dtype="float64")},
        lambda x: x.shape,
        ("input",),
    )
    yield Entry(
        "batchnorm.BatchNorm.backward",
        _batchnorm_backward,
        {"delta": rows(5, ROWS, dtype="float64")},
        lambda delta: delta.shape,
        ("gradient",),
    )
    for attribute in ("gamma", "dgamma", "beta", "dbeta", "running_mean", "running_var"):
        yield Entry(
            f"batchnorm.BatchNorm.{attribute}",
            partial(_assign_norm, attribute),
            {"value": either((1, 5), (5,))},
            lambda value: (1, 5),
            (attribute,),
        )


def _linear_backward(method: str, delta: Any) -> Any:
    layer = linear()
    layer.forward(X)
    return getattr(layer, method)(delta), layer.dW, layer.db


def _assign(attribute: str, value: Any) -> Any:
    if attribute[0] == "d":  # what was assigned shows in the step
        mlp = MLP(5, 3, [], [Identity()], xavier(0), zeros_bias_init, L2(), 0.1)
        setattr(mlp.linear_layers[0], attribute, value)
        mlp.step()
        return mlp.state_dict()
    layer = linear()
    layer.forward(X)
    setattr(layer, attribute, value)
    return getattr(layer, attribute), layer.forward(X)


def _assign_norm(attribute: str, value: Any) -> Any:
    layer = BatchNorm(5)
    setattr(layer, attribute, value)
    return getattr(layer, attribute)


def _batchnorm(method: str, x: Any, eval: Any) -> Any:
    layer = BatchNorm(5)
    return getattr(layer, method)(x, eval), layer.running_mean, layer.running_var


def _batchnorm_backward(delta: Any) -> Any:
    layer = BatchNorm(5)
    layer.forward(X)
    return layer.backward(delta), layer.dgamma, layer.dbeta


def weight_init() -> Thing:
    return Thing(
        lambda: xavier(0),
        {
            "weights of another shape": lambda: lambda i, o: np.ones((i + 1, o)),
            "weights of another rank": lambda: lambda i, o: np.ones(i * o),
            "no weights": lambda: lambda i, o: None,
            "weights of text": lambda: lambda i, o: np.full((i, o), "a"),
            "masked weights": lambda: lambda i, o: np.ma.ones((i, o)),
            "one number as weights": lambda: lambda i, o: 0.5,
        },
        {"weights as a list": lambda: lambda i, o: np.ones((i, o)).tolist()},
        left_out=("a function", "a class"),  # what they raise when they are called is their own
    )


def bias_init() -> Thing:
    return Thing(
        lambda: zeros_bias_init,
        {
            "biases of another shape": lambda: lambda n: np.ones((n + 1,)),
            "biases as a column": lambda: lambda n: np.ones((n, 1)),
            "no biases": lambda: lambda n: None,
            "biases of text": lambda: lambda n: np.full((1, n), "a"),
            "one number as biases": lambda: lambda n: 0.0,
        },
        {"biases as a list": lambda: lambda n: [0.0] * n},
        left_out=("a function", "a class"),
    )


def dtype(none: bool = False) -> Thing:
    refused = ("int64", "float16", "complex128", "O", "S", "M8", "nonsense", ">f8", "f4,f4")
    return Thing(
        lambda: None if none else np.float64,
        {repr(name): partial(str, name) for name in refused},
        {"float32": lambda: "float32", "np.float32": lambda: np.float32, "float": lambda: float},
        ("None", "a class"),  # None and float are float64 to NumPy
    )


def dtype_or_none() -> Thing:
    return dtype(none=True)
