"""The autograd face's operations that are layers, and those along axes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from mytorch import autograd_engine as engine
from mytorch.batchnorm import BatchNorm
from mytorch.nn import functional as F
from mytorch.tensor import Tensor
from tests.fuzz.choices import AXES, KEYS, ONE_AXIS, Choices
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import ROWS, Flag, Labels, Numbers, Real, Tensors, Thing, exactly
from tests.fuzz.table_operations import real_numbers
from tests.fuzz.table_tensor import seen, tensor
from tests.fuzz.values import REFUSED

LOGITS = Tensors(
    Numbers(
        ((ROWS, None),),
        (ROWS, 3),
        dtype="any",
        takes=lambda plain: real_numbers("", plain) if plain.shape[1] >= 3 else REFUSED,
    )
)
BATCH = Tensors(Numbers(((None, 3),), (ROWS, 3), dtype="any", takes=partial(real_numbers, "")))
ROWS_OF_3 = Tensors(
    Numbers(
        (),
        (ROWS, 3),
        dtype="any",
        takes=lambda plain: real_numbers("", plain) if plain.shape[-1:] == (3,) else REFUSED,
    )
)
WEIGHT = Tensors(exactly(2, 3, dtype="any", takes=partial(real_numbers, "")))
BIAS = Tensors(exactly(2, dtype="any", takes=partial(real_numbers, "")))
SCALE = Tensors(exactly(3, dtype="any", takes=partial(real_numbers, "")))


def operations_of_layers() -> Iterator[Entry]:
    words = ("logits", "labels", "target", "input", "gamma", "beta", "tensors")
    for name in ("cross_entropy", "CrossEntropy.apply"):
        yield Entry(
            f"nn.functional.{name}",
            partial(_cross_entropy, name),
            {"predicted": LOGITS, "target": Labels(3, ROWS)},
            lambda **_: (),
            words,
        )
    for name in ("linear", "Linear.apply"):
        yield Entry(
            f"nn.functional.{name}",
            partial(_linear, name),
            {"x": ROWS_OF_3, "weight": WEIGHT, "bias": BIAS},
            lambda x, **_: (*x.shape[:-1], 2),
            ("Linear",),
        )
    for name in ("normalize_batch", "BatchNorm.apply"):
        yield Entry(
            f"nn.functional.{name}",
            partial(_batch_norm, name),
            {
                "x": BATCH,
                "gamma": SCALE,
                "beta": SCALE,
                **(
                    {"eps": Real(1e-5, 0)}
                    if name == "normalize_batch"
                    else {
                        "layer": Thing(
                            lambda: BatchNorm(3), {"of another size": lambda: BatchNorm(4)}
                        )
                    }
                ),
            },
            lambda x, **_: x.shape,
            words,
        )
    yield Entry(
        "nn.functional.Cast.apply",
        lambda a, dtype: seen(F.Cast.apply(a, dtype), a),
        {
            "a": Tensors(Numbers(dtype="any", takes=partial(real_numbers, ""))),
            "dtype": Choices(
                ["float32", np.float64, "float64"],
                ["nonsense", "int64", int, object, "S", "complex128", 3, "M8", {}, [], str],
                [None, "f2"],
            ),
        },
        words=("tensors", "Cast"),
        domain=True,
    )
    yield Entry(
        "nn.functional.Cast.forward",
        lambda dtype: F.Cast.forward(engine.ContextManager(), tensor(), dtype),
        {"dtype": Choices(["float32"], ["nonsense", object, 3])},
        words=("Cast",),
    )
    for name in ("Sum", "Mean", "Max"):
        yield Entry(
            f"nn.functional.{name}.apply with axis",
            partial(_axis, name),
            {"axis": ONE_AXIS if name == "Max" else AXES, "keepdims": Flag()},
            None,
            (name,),
        )
    for method in ("apply",):
        yield Entry(
            f"nn.functional.Reshape.{method}",
            partial(_keyed, "Reshape", method),
            {
                "value": Choices(
                    [(3, 2), 6, -1, (2, -1)],
                    [4, (0,), (-1, -1), "6", 6.0, None, (3, "2"), {}, 10**30, object(), (5, -1)],
                    [[3, 2], True],
                )
            },
            None,
            ("Reshape",),
        )
        yield Entry(
            f"nn.functional.Index.{method}",
            partial(_keyed, "Index", method),
            {"value": KEYS},
            None,
            ("Index",),
        )
        yield Entry(
            f"nn.functional.Concatenate.{method}",
            partial(_concatenate, method),
            {
                "axis": Choices(
                    [0, -2, np.int64(0)],
                    [5, -3, "0", 0.5, None, (0,), [0], 1j, 10**30, {}],
                    [1, True, False],
                ),
                "tensors": _joined(),
            },
            None,
            ("Concatenate",),
        )
    yield Entry(
        "nn.functional.concatenate",
        partial(_concatenate, ""),
        {
            "axis": Choices([0, -2], [5, -3, "0", 0.5, None, (0,), [0], 10**30, {}], [1, True]),
            "tensors": _joined(),
        },
        None,
        ("Concatenate", "concatenate"),
    )
    yield Entry(
        "nn.functional.unbroadcast",
        lambda grad, shape: F.unbroadcast(grad, shape),
        {
            "grad": Choices(
                [np.ones((2, 3))],
                [
                    None,
                    "a",
                    [[1.0]],
                    1.0,
                    {},
                    np.ones((3, 3)),
                    np.ones(0),
                    np.ones((2, 3, 3)),
                    object(),
                ],
                [np.ones((4, 2, 3))],
            ),
            "shape": Choices(
                [(2, 3), (3,), (1, 3), (2, 1), (), (1, 1), (1,)],
                [(4,), (2,), (3, 2), (1, 2, 3), "a", None, 3, {}, (2.5,), 1.0, ("a",)],
                [[2, 3], [3]],
            ),
        },
    )


def _joined() -> Thing:
    return Thing(
        lambda: (tensor(), tensor()),
        {
            "no tensors": tuple,
            "scalars": lambda: (Tensor(1.0), Tensor(2.0)),
            "another length": lambda: (tensor(), tensor(np.ones((2, 4)))),
            "another rank": lambda: (tensor(), tensor(np.ones(3))),
            "arrays": lambda: (np.ones((2, 3)), np.ones((2, 3))),
            "a number among them": lambda: (tensor(), 3),
            "an array among them": lambda: (tensor(), np.ones((2, 3))),
            "text": lambda: ("a", "b"),
        },
        {
            "one tensor in a tuple": lambda: (tensor(),),
            "an empty one": lambda: (tensor(), tensor(np.ones((0, 3)))),
        },
    )


def _cross_entropy(name: str, predicted: Any, target: Any) -> Any:
    if name == "cross_entropy":
        return seen(F.cross_entropy(predicted, target), predicted)
    if name.endswith("apply"):
        return seen(F.CrossEntropy.apply(predicted, target), predicted)
    return F.CrossEntropy.forward(engine.ContextManager(), predicted, target).data


def _linear(name: str, x: Any, weight: Any, bias: Any) -> Any:
    function = F.linear if name == "linear" else F.Linear.apply
    return seen(function(x, weight, bias), x, weight, bias)


def _batch_norm(name: str, x: Any, gamma: Any, beta: Any, **last: Any) -> Any:
    if name.endswith("forward"):
        return F.BatchNorm.forward(engine.ContextManager(), x, gamma, beta, **last).data
    function = F.normalize_batch if name == "normalize_batch" else F.BatchNorm.apply
    return seen(function(x, gamma, beta, *last.values()), x, gamma, beta)


def _axis(name: str, axis: Any, keepdims: Any) -> Any:
    t = tensor()
    return seen(getattr(F, name).apply(t, axis, keepdims), t)


def _keyed(name: str, method: str, value: Any) -> Any:
    t = tensor()
    if method == "forward":
        return getattr(F, name).forward(engine.ContextManager(), t, value).data
    return seen(getattr(F, name).apply(t, value), t)


def _concatenate(method: str, axis: Any, tensors: Any) -> Any:
    if not method:
        return seen(F.concatenate(tensors, axis))
    several = tensors if isinstance(tensors, tuple) else (tensors,)
    if method == "forward":
        return F.Concatenate.forward(engine.ContextManager(), axis, *several).data
    return seen(F.Concatenate.apply(axis, *several))
