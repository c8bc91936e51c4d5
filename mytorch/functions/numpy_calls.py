"""What NumPy's own functions do with a tensor.

Those that are operations here give a tensor with its gradient: `np.exp(t)`, `np.sum(t, axis=0)`,
`array + t`. Those that have no gradient give plain arrays: `np.argmax(t, axis=1)`. Any other would
drop the gradient unseen, so it is refused where there is one, and computes with the numbers where
there is none. `np.asarray(t)` is the numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mytorch.checks.graph import check_keywords, gradient_dropped
from mytorch.functions.axes import concatenate
from mytorch.functions.elementwise import Add, Div, MatMul, Mul, Pow, Sub
from mytorch.functions.unary import Abs, Exp, Log, Neg, Sqrt

UNARY = {np.negative: Neg, np.exp: Exp, np.log: Log, np.sqrt: Sqrt, np.absolute: Abs}
BINARY = {
    np.add: Add, np.subtract: Sub, np.multiply: Mul, np.divide: Div, np.power: Pow,
    np.matmul: MatMul,
}  # fmt: skip
COMPARISONS = {
    np.equal: "__eq__", np.not_equal: "__ne__", np.less: "__lt__", np.less_equal: "__le__",
    np.greater: "__gt__", np.greater_equal: "__ge__",
}  # fmt: skip
MIRRORED = {"__lt__": "__gt__", "__le__": "__ge__", "__gt__": "__lt__", "__ge__": "__le__"}
REDUCTIONS = {"sum": "sum", "mean": "mean", "max": "max", "amax": "max", "min": "min",
              "amin": "min"}  # fmt: skip
FLAT = {
    *("sign", "floor", "ceil", "rint", "trunc", "isnan", "isfinite", "isinf", "signbit"),
    *("round", "round_"),  # before NumPy 1.25 it was called so
    *("argmax", "argmin", "argsort", "shape", "ndim", "size", "array_equal", "allclose", "isclose"),
    *("array_repr", "array_str", "array2string", "zeros_like", "ones_like", "empty_like"),
    *("full_like", "count_nonzero", "nonzero", "flatnonzero", "argwhere", "any", "all", "unique"),
    *("histogram", "bincount", "searchsorted", "shares_memory", "may_share_memory", "copyto"),
    *("save", "savez", "savetxt", "result_type", "can_cast", "iscomplexobj"),
}
"""Functions of NumPy that have no gradient, or by which numbers are looked at."""


class NumPyCalls:
    """The three methods by which NumPy asks an object what shall be done with it."""

    _data: Any

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        data = self._data if dtype is None else self._data.astype(dtype, copy=False)
        if copy is False and data is not self._data:
            raise ValueError(f"Tensor: numbers of {self._data.dtype} as {dtype} are a copy")
        return data.copy() if copy and data is self._data else data

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        if method == "__call__" and not settings:
            if ufunc in BINARY:
                a, b = inputs
                if not hasattr(a, "grad_fn"):
                    a = self._operand(a)  # type: ignore[attr-defined]
                return BINARY[ufunc].apply(a, a._operand(b))
            if ufunc in UNARY:
                return UNARY[ufunc].apply(*inputs)
            if ufunc in COMPARISONS:
                name, (a, b) = COMPARISONS[ufunc], inputs
                if not hasattr(a, "grad_fn"):
                    name, a, b = MIRRORED.get(name, name), b, a
                return getattr(a, name)(b)
        out = settings.get("out", ())
        check_keywords(ufunc.__name__, inputs, out)
        return _on_numbers(getattr(ufunc, method), ufunc.__name__, inputs, settings)

    def __array_function__(self, function: Any, types: Any, args: Any, named: Any) -> Any:
        name = function.__name__
        if name in REDUCTIONS and args and hasattr(args[0], "grad_fn") and len(args) < 3:
            settings = dict(zip(("axis",), args[1:], strict=False)) | named
            if settings.keys() <= {"axis", "keepdims"}:
                return getattr(args[0], REDUCTIONS[name])(**settings)
        if name == "reshape" and not named:
            return args[0].reshape(args[1])
        if name == "transpose" and len(args) == 1 and not named:
            return args[0].T()
        if name == "concatenate" and not named and all(hasattr(t, "grad_fn") for t in args[0]):
            return concatenate(list(args[0]), *args[1:])
        return _on_numbers(function, name, args, named)


def _on_numbers(function: Any, name: str, args: Any, named: Any) -> Any:
    """`function` of the numbers; TypeError where that would drop a gradient unseen."""
    if name not in FLAT:
        for tensor in _tensors([*args, *named.values()]):
            if tensor.requires_grad:
                raise gradient_dropped(name, tensor)
    return function(*map(_plain, args), **{key: _plain(value) for key, value in named.items()})


def _plain(thing: Any) -> Any:
    """A tensor's numbers; lists and tuples of tensors likewise; anything else as it is."""
    if hasattr(thing, "grad_fn"):
        return thing.data
    if type(thing) in (list, tuple) and _tensors(thing):
        return type(thing)([_plain(part) for part in thing])
    return thing


def _tensors(things: Any) -> list[Any]:
    """The tensors among arguments, those in lists and tuples included."""
    found: list[Any] = []
    for thing in things:
        if hasattr(thing, "grad_fn"):
            found.append(thing)
        elif type(thing) in (list, tuple):
            found += _tensors(thing)
    return found


__all__ = ["NumPyCalls"]
