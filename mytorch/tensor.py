"""Tensor: an array that remembers which operations made it."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from numpy import ndarray

from mytorch import autograd_engine
from mytorch import functions as F
from mytorch.autograd_engine import AccumulateGrad, BackwardFunction
from mytorch.checks.arrays import as_numbers
from mytorch.checks.graph import check_gradient
from mytorch.checks.settings import check_bool
from mytorch.checks.shapes import check_interval, filled, floats, sizes
from mytorch.functions.methods import Methods
from mytorch.functions.numpy_calls import NumPyCalls
from mytorch.functions.values import Values

Array = npt.NDArray[Any]


class Tensor(Methods, Values, NumPyCalls):
    """An array with a gradient (002 app. A).

    What it computes by name is in `functions/methods.py`, what it does in a comparison, as a number
    and for Python's protocols in `functions/values.py`, and with NumPy's own functions in
    `functions/numpy_calls.py`.

    Parameters
    ----------
    data : numbers of any shape. Integers stay integers until an operation needs floats. An array
        is shared with the caller, but for a tensor that requires a gradient it is copied.
    requires_grad : whether gradients are computed for this tensor; may be set later. Integers and
        booleans that require a gradient become float64, the data themselves (002 §0.1.7).
    is_leaf : whether no operation on tensors with gradient made it.
    is_parameter : whether it is a parameter of a network.

    Attributes
    ----------
    data : the numbers, always a `numpy.ndarray`, 0-d for a single one. Assigning anything to it
        counts as a change; who writes into the array itself calls `changed()`.
    version : how often the numbers were changed, in a list of its own or one shared with views.
    grad : after `backward`, the gradient of a leaf that requires one, of the same shape; else None.
    grad_fn : the node of the operation that made this tensor, None for a leaf.

    Raises TypeError for data other than numbers, ValueError for a parameter without gradient.
    """

    _data: Array
    version: list[int]
    # What a leaf without gradient has; set here, because every operation makes several of them.
    _requires_grad = False
    grad: Tensor | None = None
    grad_fn: BackwardFunction | None = None
    is_leaf = True
    is_parameter = False

    def __init__(
        self,
        data: Any,
        requires_grad: bool = False,
        is_leaf: bool = True,
        is_parameter: bool = False,
    ) -> None:
        data = as_numbers(data)
        if not (type(requires_grad) is type(is_leaf) is type(is_parameter) is bool):
            requires_grad = check_bool(requires_grad, "Tensor", "requires_grad")
            is_leaf = check_bool(is_leaf, "Tensor", "is_leaf")
            is_parameter = check_bool(is_parameter, "Tensor", "is_parameter")
        if requires_grad:
            data = floats(data)
        elif is_parameter:
            raise ValueError(
                "Tensor: expected requires_grad=True with is_parameter=True; "
                "a parameter without gradient cannot be learned"
            )
        self._data, self.version = data.copy("K") if requires_grad and is_leaf else data, [0]
        self._requires_grad = requires_grad
        self.is_leaf = is_leaf
        self.is_parameter = is_parameter

    @staticmethod
    def wrap(data: Any) -> Tensor:
        """A leaf without gradient around the result of a NumPy expression, unchecked and fast."""
        tensor = _new(Tensor)
        tensor._data = data if type(data) is ndarray else np.asarray(data)
        tensor.version = [0]
        return tensor

    def _set_data(self, new: Any) -> None:
        new = as_numbers(new)
        self._data = floats(new) if self._requires_grad else new
        self.changed()

    def _set_requires_grad(self, new: Any) -> None:
        self._requires_grad = check_bool(new, "Tensor", "requires_grad")
        if new and self._data.dtype.kind != "f":
            self.data = self._data

    if TYPE_CHECKING:
        data: Array
        requires_grad: bool
    else:  # read without a call of Python's
        data = property(attrgetter("_data"), _set_data)
        requires_grad = property(attrgetter("_requires_grad"), _set_requires_grad)

    def changed(self) -> None:
        """Counts a change of the numbers, so that no backward pass computes with new ones."""
        self.version[0] += 1

    def twin(self, data: Any) -> Tensor:
        """A leaf around a view of this tensor's numbers, or all of them; both count changes."""
        twin = _new(Tensor)
        twin._data, twin.version = data, self.version
        return twin

    def detach(self) -> Tensor:
        """A leaf without gradient that shares these numbers."""
        return self.twin(self._data)

    @staticmethod
    def zeros(*shape: int, requires_grad: bool = False) -> Tensor:
        """Zeros of that shape, float64."""
        return Tensor(np.zeros(sizes(shape, "zeros")), requires_grad)

    @staticmethod
    def ones(*shape: int, requires_grad: bool = False) -> Tensor:
        """Ones of that shape, float64."""
        return Tensor(np.ones(sizes(shape, "ones")), requires_grad)

    @staticmethod
    def empty(*shape: int, requires_grad: bool = False) -> Tensor:
        """A tensor of that shape, float64, with whatever was in its memory."""
        return Tensor(np.empty(sizes(shape, "empty")), requires_grad)

    @staticmethod
    def randn(*shape: int, requires_grad: bool = False) -> Tensor:
        """Independent standard normal numbers from `np.random`, which `np.random.seed` sets."""
        return Tensor(np.random.normal(0, 1, sizes(shape, "randn")), requires_grad)

    @staticmethod
    def arange(*interval: float) -> Tensor:
        """`arange(stop)`, `arange(start, stop)` or `arange(start, stop, step)`, as NumPy has it."""
        check_interval(interval)
        return Tensor(np.arange(*interval))

    def fill_(self, value: float) -> Tensor:
        """Sets all numbers to `value`; an array that the caller shares stays as it is.

        Raises TypeError for anything but a number, ValueError for one that the dtype does not hold.
        """
        self.data = filled(self._data, value)
        return self

    def copy(self) -> Tensor:
        """A leaf without gradient that has the same numbers in an array of its own."""
        return Tensor(self._data.copy())

    def backward(self, gradient: Any = None, retain_graph: bool = False) -> None:
        """Fills `grad` of every leaf that requires a gradient and that this tensor depends on.

        Starts from `gradient`, a tensor or an array of this one's shape. Without one it starts from
        ones, so that it also serves tensors of several numbers: the gradient is then that of their
        sum. Gradients are added to what `grad` holds already. The graph is released afterwards,
        unless `retain_graph` is true.

        Raises RuntimeError where nothing requires a gradient, where the graph was released by an
        earlier call, or where data that it needs was changed; ValueError for a gradient of another
        shape.
        """
        if not self.requires_grad:
            raise RuntimeError(
                f"backward() on a tensor {self.shape} that no graph leads to: none of the tensors "
                f"it was computed from has requires_grad=True, or it was computed in no_grad()"
            )
        if self.grad_fn is None and not self.is_leaf:
            raise RuntimeError(
                f"backward() on a tensor {self.shape} that is no leaf and has no graph; "
                f"is_leaf=False is for the outputs of operations"
            )
        node = AccumulateGrad(self) if self.is_leaf else self.grad_fn
        if gradient is None:
            grad = wrap(np.empty(self._data.shape, self._data.dtype))
            grad._data.fill(1)
        else:
            grad = check_gradient(self, gradient)
        autograd_engine.backward(node, grad, retain_graph)

    def __add__(self, other: Any) -> Tensor:
        return F.Add.apply(self, self._operand(other))

    def __radd__(self, other: Any) -> Tensor:
        return F.Add.apply(self._operand(other), self)

    def __sub__(self, other: Any) -> Tensor:
        return F.Sub.apply(self, self._operand(other))

    def __rsub__(self, other: Any) -> Tensor:
        return F.Sub.apply(self._operand(other), self)

    def __mul__(self, other: Any) -> Tensor:
        return F.Mul.apply(self, self._operand(other))

    def __rmul__(self, other: Any) -> Tensor:
        return F.Mul.apply(self._operand(other), self)

    def __truediv__(self, other: Any) -> Tensor:
        return F.Div.apply(self, self._operand(other))

    def __rtruediv__(self, other: Any) -> Tensor:
        return F.Div.apply(self._operand(other), self)

    def __pow__(self, other: Any) -> Tensor:
        return F.Pow.apply(self, self._operand(other))

    def __rpow__(self, other: Any) -> Tensor:
        return F.Pow.apply(self._operand(other), self)

    def __matmul__(self, other: Any) -> Tensor:
        return F.MatMul.apply(self, self._operand(other))

    def __rmatmul__(self, other: Any) -> Tensor:
        return F.MatMul.apply(self._operand(other), self)

    def __neg__(self) -> Tensor:
        return F.Neg.apply(self)

    def _operand(self, other: Any) -> Tensor:
        """The other side of an operator as a tensor; a non-tensor takes this one's float dtype."""
        if isinstance(other, Tensor):
            return other
        if type(other) is float and self._data.dtype.kind == "f":
            return wrap(np.array(other, self._data.dtype))
        array = as_numbers(other)
        return wrap(array.astype(self._data.dtype) if self._data.dtype.kind == "f" else array)


_new = object.__new__
wrap = Tensor.wrap


__all__ = ["Tensor"]
