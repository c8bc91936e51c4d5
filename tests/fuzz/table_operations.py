"""The autograd face's operations, nn.functional."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from mytorch import autograd_engine as engine
from mytorch.nn import functional as F
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import Kind, Numbers, Real, Tensors
from tests.fuzz.table_tensor import operand, seen
from tests.fuzz.values import EITHER, REFUSED

ONE = (
    "Neg",
    "Exp",
    "Log",
    "ReLU",
    "LeakyReLU",
    "Sigmoid",
    "Tanh",
    "Transpose",
    "Sum",
    "Mean",
    "Max",
)
ROW_WISE = ("Softmax", "LogSoftmax")
TWO = ("Add", "Sub", "Mul", "Div", "Pow")


def operations() -> Iterator[Entry]:
    for name in (*ONE, *ROW_WISE):
        takes: Any = _not_empty if name in ("Max", "Mean") else real_numbers
        takes = _rows_only if name in ROW_WISE else takes
        kind = Tensors(Numbers(dtype="any", takes=partial(takes, name)))
        words = ("input", "tensor", "tensors", "rows of logits")
        settings: dict[str, Kind] = {}
        if name == "LeakyReLU":
            settings = {"negative_slope": Real(0.01, 0)}
        method = "apply"
        if True:
            yield Entry(
                f"nn.functional.{name}.{method}",
                partial(_one, name, method),
                {"a": kind, **settings},
                None,
                words,
                domain=True,
            )
    for name in ("relu", "leaky_relu", "sigmoid", "tanh", "softmax", "log_softmax"):
        takes = _rows_only if "softmax" in name else real_numbers
        settings = {"negative_slope": Real(0.01, 0)} if name == "leaky_relu" else {}
        yield Entry(
            f"nn.functional.{name}",
            partial(_function, name),
            {"a": Tensors(Numbers(dtype="any", takes=partial(takes, name))), **settings},
            None,
            ("input", "tensor", "tensors", "rows of logits"),
            domain=True,
        )
    for name in (*TWO, "MatMul"):
        function = np.matmul if name == "MatMul" else np.add
        a, b = (
            Tensors(Numbers((), (3, 3), dtype="any", takes=partial(operand, function, left)))
            for left in (True, False)
        )
        for method in ("apply",):
            yield Entry(
                f"nn.functional.{name}.{method}",
                partial(_two, name, method),
                {"a": a, "b": b},
                None,
                (name,),
                domain=True,
            )


def real_numbers(name: str, plain: Any) -> Any:
    """Of floats the same comes out; integers may be kept or made floats, booleans refused."""
    return True if plain.dtype.kind == "f" else EITHER


def _rows_only(name: str, plain: Any) -> Any:
    return real_numbers(name, plain) if plain.ndim == 2 and plain.shape[1] else REFUSED


def _not_empty(name: str, plain: Any) -> Any:
    return real_numbers(name, plain) if plain.size else REFUSED


def _one(name: str, method: str, a: Any, **settings: Any) -> Any:
    function = getattr(F, name)
    if method == "forward":
        return function.forward(engine.ContextManager(), a, **settings).data
    return seen(function.apply(a, *settings.values()), a)


def _two(name: str, method: str, a: Any, b: Any) -> Any:
    function = getattr(F, name)
    if method == "forward":
        return function.forward(engine.ContextManager(), a, b).data
    return seen(function.apply(a, b), a, b)


def _function(name: str, a: Any, **settings: Any) -> Any:
    return seen(getattr(F, name)(a, **settings), a)
