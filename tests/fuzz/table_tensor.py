"""The autograd face's tensors."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from mytorch.tensor import Tensor
from tests.fuzz.choices import AXES, KEYS, ONE_AXIS, SHAPES, SIZES, Choices
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import Flag, Numbers, Real, Tensors
from tests.fuzz.values import EITHER, REFUSED, Rng, Value

ANY = Numbers(dtype="any")
SMALL = np.arange(6.0).reshape(2, 3)


def tensor(data: Any = SMALL) -> Tensor:
    return Tensor(data, requires_grad=True)


def seen(out: Tensor, *inputs: Any) -> Any:
    """The output, and the gradients that come back from it where there are any."""
    if out.requires_grad:
        out.backward()
    grads = [t.grad.data for t in inputs if isinstance(t, Tensor) and t.grad is not None]
    return out.data, grads


def tensors() -> Iterator[Entry]:
    yield Entry(
        "tensor.Tensor",
        lambda data, requires_grad, is_leaf, is_parameter: (
            Tensor(data, requires_grad, is_leaf, is_parameter).data
        ),
        {
            "data": ANY,
            "requires_grad": Flag(),
            "is_leaf": Flag(True),
            "is_parameter": Choices(
                [False, np.False_],
                [True, np.True_, "a", None, [], np.ones(2), 2, 0.5, object(), float("nan")],
                [0, 1],
            ),
        },
        lambda data, **_: data.shape,
        ("Tensor",),
    )
    yield Entry("tensor.Tensor.data", _data, {"data": ANY}, lambda data: data.shape, ("Tensor",))
    yield Entry(
        "tensor.Tensor.grad",
        _grad,
        {
            "grad": Choices(
                [Tensor(np.ones((2, 3))), None],
                [
                    Tensor(np.ones(3)),
                    Tensor(1.0),
                    np.ones((2, 3)),
                    1.0,
                    "a",
                    [[1.0]],
                    Tensor(np.ones((3, 2))),
                ],
            )
        },
        words=("gradient", "grad"),
    )
    yield Entry(
        "tensor.Tensor.requires_grad",
        _requires,
        {"requires_grad": Choices([True, False], [], [1, 0, np.True_, "a", None, [1]])},
    )
    for name in ("zeros", "ones", "empty", "randn"):
        yield Entry(
            f"tensor.Tensor.{name}",
            partial(_filled, name),
            {"shape": SIZES, "requires_grad": Flag()},
            lambda shape, requires_grad: shape,
            ("size", name),
        )
    yield Entry(
        "tensor.Tensor.arange",
        lambda interval: Tensor.arange(*interval),
        {
            "interval": Choices(
                [(3,), (1, 4), (0, 2, 0.5), (0,), (-2,), (np.int64(3),), (5, 1, -2)],
                [
                    (),
                    ("a",),
                    (None,),
                    (1, "b"),
                    (1, 2, 0),
                    (1, 2, 3, 4),
                    (float("nan"),),
                    (float("inf"),),
                    (1j,),
                    ([1, 2],),
                    (np.arange(3),),
                    ({},),
                    (10**30,),
                    (object(),),
                    (0, 1, float("nan")),
                ],
                [(True,), ([1],), (np.array(3),), (Tensor(3),)],
            )
        },
        words=("arange",),
    )
    yield Entry(
        "tensor.Tensor.fill_",
        lambda value: Tensor(SMALL).fill_(value).data,
        {"value": _FillValue()},
        lambda value: (2, 3),
        ("fill_",),
    )
    for name in ("sum", "mean", "max", "min"):
        yield Entry(
            f"tensor.Tensor.{name}",
            partial(_reduce, name),
            {"axis": ONE_AXIS if name in ("max", "min") else AXES, "keepdims": Flag()},
            None,
            (name.capitalize(),),
        )
    yield Entry("tensor.Tensor.reshape", _reshape, {"shape": SHAPES}, None, ("Reshape",))
    yield Entry("tensor.Tensor.__getitem__", _index, {"key": KEYS}, None, ("Index",))
    for size in ("item", "__len__", "__iter__"):
        ok = {"item": [1.0, [2.0], [[3.0]]], "__len__": [[1.0], [], [[1.0, 2.0]]]}
        ok["__iter__"] = ok["__len__"]
        bad = {"item": [[], [1.0, 2.0]], "__len__": [1.0], "__iter__": [1.0]}
        yield Entry(
            f"tensor.Tensor.{size}",
            partial(_size, size),
            {"numbers": Choices(ok[size], bad[size])},
            None,
            ("Tensor",),
        )
    yield Entry("tensor.Tensor.backward", _backward, {"retain_graph": Flag()})
    operators = (
        "__add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__ "
        "__pow__ __rpow__ __matmul__ __rmatmul__ matmul power"
    )
    for name in operators.split():
        function = np.matmul if "matmul" in name else np.add
        left = name.startswith("__r")
        kind = Numbers((), (3, 3), dtype="any", takes=partial(operand, function, left))
        yield Entry(
            f"tensor.Tensor.{name}",
            partial(_operator, name),
            {"other": Tensors(kind, arrays=True)},
            None,
            ("Tensor", *_CLASSES.get(name.strip("_").lstrip("r"), ())),
            domain=True,
        )


_CLASSES = {
    "add": ("Add",),
    "sub": ("Sub",),
    "mul": ("Mul",),
    "truediv": ("Div",),
    "pow": ("Pow",),
    "power": ("Pow",),
    "matmul": ("MatMul",),
}


def operand(function: Any, left: bool, plain: Any) -> Any:
    """NumPy says which shapes go together; numbers beside a tensor take its dtype."""
    pair = (np.ones(plain.shape), np.ones((3, 3)))
    try:
        function(*(pair if left else reversed(pair)))
    except ValueError:
        return REFUSED
    return True if plain.dtype.kind == "f" and plain.dtype.itemsize <= 8 else EITHER


class _FillValue(Real):
    """One number, of any size, infinities and NaN included."""

    def __init__(self) -> None:
        super().__init__(0.5)

    def draw(self, rng: Rng) -> Value:
        value = super().draw(rng)
        if value.text in ("nan", "inf", "-inf", "np.float32(nan)"):
            return Value(value.given, float(value.given), value.text)
        return (
            Value(value.given, EITHER, value.text)
            if value.text in ("True", "False", "np.True_", "np.array(True)", str(10**30))
            else value
        )


def _data(data: Any) -> Any:
    t = Tensor(SMALL)
    t.data = data
    return t.data


def _grad(grad: Any) -> Any:
    from mytorch.optim.sgd import SGD

    t = tensor()
    t.grad = grad
    SGD([t], 0.1, 0.9).step()
    return t.data


def _requires(requires_grad: Any) -> Any:
    t = Tensor(SMALL)
    t.requires_grad = requires_grad
    return (t * 2).data


def _filled(name: str, shape: Any, requires_grad: Any) -> Any:
    t = getattr(Tensor, name)(*shape, requires_grad=requires_grad)
    return t.data * (0 if name == "empty" else 1) if name != "empty" else np.zeros(t.shape)


def _reduce(name: str, axis: Any, keepdims: Any) -> Any:
    t = tensor()
    return seen(getattr(t, name)(axis=axis, keepdims=keepdims), t)


def _reshape(shape: Any) -> Any:
    t = tensor()
    return seen(t.reshape(*shape), t)


def _index(key: Any) -> Any:
    t = tensor()
    return seen(t[key], t)


def _size(method: str, numbers: Any) -> Any:
    t = Tensor(numbers)
    return [u.data for u in t] if method == "__iter__" else getattr(t, method)()


def _backward(retain_graph: Any) -> Any:
    t = tensor()
    out = (t * t).sum()
    out.backward(retain_graph=retain_graph)
    return t.grad


def _operator(name: str, other: Any) -> Any:
    t = tensor(np.eye(3) + 0.5)
    return seen(getattr(t, name)(other), t, other)
