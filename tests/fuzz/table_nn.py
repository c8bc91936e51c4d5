"""The autograd face's modules, networks and optimizers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from mytorch import BatchNorm, Tanh, nn
from mytorch.tensor import Tensor
from tests.fuzz.choices import Choices
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import (
    ROWS,
    Flag,
    Labels,
    Numbers,
    Real,
    Tensors,
    Thing,
    Whole,
)
from tests.fuzz.table_classic import dtype, network
from tests.fuzz.table_tensor import seen, tensor
from tests.fuzz.values import EITHER, REFUSED

PARAMETER = Tensor(np.ones((2, 3)), requires_grad=True, is_parameter=True)


def batch(features: int, rank: int = 2) -> Tensors:
    """A tensor `(batch, features)`; integers are as good as floats to a layer with weights."""
    return Tensors(Numbers(((None, features),), (ROWS, features), dtype="any", takes=_floats))


def _floats(plain: Any) -> Any:
    return True if plain.dtype.kind == "f" else EITHER


def modules() -> Iterator[Entry]:
    sizes = ("feature", "features")
    yield Entry(
        "nn.linear.Linear",
        lambda in_features, out_features, bias, dtype: (
            nn.Linear(in_features, out_features, bias, dtype=dtype).weight
        ),
        {
            "in_features": Whole(5),
            "out_features": Whole(3),
            "bias": Choices([True, False, np.True_], [None, 0, 1, "a", [], 2.5, "float16"]),
            "dtype": dtype(),
        },
        lambda in_features, out_features, bias, dtype: (out_features, in_features),
        (*sizes, "dtype"),
    )
    yield Entry(
        "nn.linear.Linear.forward",
        lambda x: _run(nn.Linear(5, 3), x),
        {"x": _any_rank(5)},
        lambda x: (*x.shape[:-1], 3),
        ("input",),
    )
    yield Entry(
        "nn.batchnorm.BatchNorm1d",
        lambda num_features, eps, momentum, dtype: (
            nn.BatchNorm1d(num_features, eps, momentum, dtype=dtype).gamma
        ),
        {
            "num_features": Whole(5),
            "eps": Real(1e-5, 0),
            "momentum": Real(0.1, 0, 1),
            "dtype": dtype(),
        },
        lambda num_features, **_: (num_features,),
        sizes,
    )
    for mode in ("", " evaluated"):
        yield Entry(
            f"nn.batchnorm.BatchNorm1d.forward{mode}",
            partial(_norm, mode),
            {"x": batch(5)},
            lambda x: x.shape,
            ("input",),
        )
    for name in ("Identity", "ReLU", "LeakyReLU", "Sigmoid", "Tanh", "Softmax"):
        numbers = Numbers(dtype="any", takes=_rows_only if name == "Softmax" else _floats)
        yield Entry(
            f"nn.activations.{name}.forward",
            partial(_activation, name),
            {"x": Tensors(numbers)},
            lambda x: x.shape,
            ("input", "tensors", "rows of logits"),
        )
    yield Entry(
        "nn.activations.LeakyReLU",
        lambda negative_slope: _run(nn.LeakyReLU(negative_slope), tensor()),
        {"negative_slope": Real(0.01, 0)},
    )
    for module, name in (
        *(("activations", n) for n in ("Identity", "ReLU", "Sigmoid", "Tanh")),
        ("loss", "CrossEntropyLoss"),
        ("module", "Module"),
    ):
        yield Entry(
            f"nn.{module}.{name}",
            lambda settings, name=name: repr(getattr(nn, name)(*settings)),
            {"settings": Choices([()], [(0.5,), (None,), (3, 2), ("sum",)])},
            None,
            ("argument", "arguments"),
        )
    yield Entry(
        "nn.activations.Softmax",
        lambda dim: _run(nn.Softmax(dim), tensor()),
        {"dim": Choices([1, -1], [0, 2, -2, None, "1", (1,), [1], 0.5, {}], [True, np.int64(1)])},
        lambda dim: (2, 3),
        ("dim",),
    )
    yield from _mean_squared_errors()
    yield from _lists_of_modules()
    yield Entry(
        "nn.loss.CrossEntropyLoss.forward",
        lambda predicted, target: _run(nn.CrossEntropyLoss(), predicted, target),
        {
            "predicted": Tensors(
                Numbers(((ROWS, None),), (ROWS, 3), dtype="any", takes=_three_classes)
            ),
            "target": Labels(3, ROWS),
        },
        lambda **_: (),
        ("logits", "labels", "input", "tensors"),
    )
    yield Entry(
        "nn.sequential.Sequential",
        _stack,
        {
            "layers": Thing(
                lambda: (nn.Linear(3, 2), nn.ReLU()),
                {
                    "a number": lambda: (3,),
                    "a class": lambda: (nn.Linear(3, 2), nn.ReLU),
                    "a list": lambda: ([nn.Linear(3, 2), nn.ReLU()],),
                    "None among them": lambda: (nn.Linear(3, 2), None),
                    "a function": lambda: (np.tanh,),
                    "a tensor": lambda: (tensor(),),
                    "a classic network": lambda: (network(),),
                },
                {"none": tuple},
            )
        },
        words=("Module", "0", "1"),
    )
    yield Entry(
        "nn.sequential.Sequential.forward",
        lambda x: _run(nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.Tanh()), x),
        {"x": batch(5)},
        lambda x: (len(x), 4),
        ("input",),
    )
    yield Entry(
        "nn.from_layer.FromLayer",
        lambda layer: repr(nn.FromLayer(layer)),
        {
            "layer": Thing(
                Tanh, {"a class": lambda: Tanh, "a module": nn.Tanh, "a network": network}
            )
        },
        words=("Layer",),
    )
    yield Entry(
        "nn.from_layer.FromLayer.forward",
        lambda x: _run(nn.FromLayer(BatchNorm(5)), x),
        {"x": batch(5)},
        lambda x: (len(x), 5),
        ("input",),
    )
    yield Entry(
        "nn.sequential.Sequential.__getitem__",
        lambda index: repr(nn.Sequential(nn.Linear(3, 2), nn.ReLU())[index]),
        {
            "index": Choices(
                [0, -1, np.int64(1), slice(0, 1), slice(None)],
                [2, -3, "0", 0.5, None, (0,), [0], 1j, {}, 10**30, slice("a")],
                [True],
            ),
        },
    )


def _mean_squared_errors() -> Iterator[Entry]:
    words = ("target", "predicted", "tensor")
    arguments = {
        "predicted": Tensors(Numbers(((ROWS, 2),), (ROWS, 2), dtype="any", takes=_floats)),
        "target": Numbers(((ROWS, 2),), (ROWS, 2), dtype="float64"),
    }
    reduction = Choices(["mean", "sum", "none"], [None, "Mean", 1, ["mean"], ("sum",), {}])
    yield Entry(
        "nn.functional.mse_loss",
        lambda predicted, target, reduction: seen(
            nn.functional.mse_loss(predicted, target, reduction=reduction), predicted
        ),
        {**arguments, "reduction": reduction},
        None,
        words,
    )
    yield Entry(
        "nn.mean_squared_error.MSELoss.forward",
        lambda predicted, target: seen(nn.MSELoss()(predicted, target), predicted),
        arguments,
        lambda predicted, target: (),
        words,
    )
    yield Entry(
        "nn.mean_squared_error.MSELoss",
        lambda reduction: repr(nn.MSELoss(reduction=reduction)),
        {"reduction": reduction},
    )
    yield Entry(
        "nn.module.Module.train",
        lambda mode: nn.Sequential(nn.Tanh()).train(mode)[0].is_train,
        {"mode": Flag()},
    )


def _lists_of_modules() -> Iterator[Entry]:
    wrong = {
        "a number": lambda: 3,
        "a class": lambda: nn.ReLU,
        "a tensor": tensor,
        "a classic network": network,
        "numbers": lambda: [1, 2],
    }
    several = Thing(
        lambda: [nn.Linear(3, 2), nn.ReLU()], {**wrong, "a module": nn.ReLU}, {"none": list},
        takes_nonsense=("()", "[]", "''", "{}", "set()"),
    )  # fmt: skip
    words = ("Module", "ModuleList", "modules")
    yield Entry(
        "nn.module_list.ModuleList",
        lambda modules: repr(nn.ModuleList(modules)),
        {"modules": several},
        words=words,
    )
    yield Entry(
        "nn.module_list.ModuleList.extend",
        lambda modules: repr(nn.ModuleList().extend(modules)),
        {"modules": several},
        words=words,
    )
    yield Entry(
        "nn.module_list.ModuleList.append",
        lambda module: repr(nn.ModuleList().append(module)),
        {"module": Thing(nn.ReLU, wrong)},
        words=words,
    )


def _stack(layers: Any) -> Any:
    return _run(nn.Sequential(*(layers if isinstance(layers, tuple) else (layers,))), tensor())


def _any_rank(features: int) -> Tensors:
    """`nn.Linear` takes stacks and single rows as PyTorch's does."""
    return Tensors(Numbers((), (ROWS, features), dtype="any", takes=partial(_last, features)))


def _last(features: int, plain: Any) -> Any:
    good = plain.ndim >= 1 and plain.shape[-1] == features
    return _floats(plain) if good and plain.size else EITHER if good else REFUSED


def _rows_only(plain: Any) -> Any:
    return _floats(plain) if plain.ndim == 2 and plain.shape[1] else REFUSED


def _three_classes(plain: Any) -> Any:
    return _floats(plain) if plain.shape[1] >= 3 else REFUSED


def _run(module: Any, *inputs: Any) -> Any:
    return seen(module(*inputs), *inputs)


def _norm(mode: str, x: Any) -> Any:
    module = nn.BatchNorm1d(5)
    if mode:
        module.eval()
    return *_run(module, x), module.running_mean, module.running_var


def _activation(name: str, x: Any) -> Any:
    return _run(getattr(nn, name)(), x)
