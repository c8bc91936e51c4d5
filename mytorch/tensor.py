"""Tensor: an array that remembers which operations made it."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mytorch import autograd_engine
from mytorch import functions as F
from mytorch.autograd_engine import AccumulateGrad, BackwardFunction
from mytorch.checks.arrays import as_numbers
from mytorch.checks.graph import check_differentiable
from mytorch.checks.settings import check_bool
from mytorch.checks.shapes import check_interval, filled, sizes

Array = npt.NDArray[Any]


class Tensor:
    """An array with a gradient (002 app. A).

    Parameters
    ----------
    data : numbers of any shape. Integers stay integers until an operation needs floats. An array
        is shared with the caller, but for a tensor that requires a gradient it is copied.
    requires_grad : whether gradients are computed for this tensor; may be set later.
    is_leaf : whether no operation on tensors with gradient made it.
    is_parameter : whether it is a parameter of a network.

    Attributes
    ----------
    data : the numbers, always a `numpy.ndarray`, 0-d for a single one. Assigning anything to it
        counts as a change; who writes into the array itself calls `changed()`.
    version : how often the numbers were changed, in a list of its own or one shared with views.
    grad : after `backward`, the gradient of a leaf that requires one, of the same shape; else None.
    grad_fn : the node of the operation that made this tensor, None for a leaf.

    Raises TypeError for data other than numbers and for integers that shall have a gradient,
    ValueError for a parameter without one.
    """

    # NumPy leaves `array + tensor` to the tensor instead of adding element by element.
    __array_ufunc__ = None

    _data: Array
    version: list[int]
    # What a leaf without gradient has; set here, because every operation makes several of them.
    requires_grad = False
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
            check_differentiable(data)
        elif is_parameter:
            raise ValueError(
                "Tensor: expected requires_grad=True with is_parameter=True; "
                "a parameter without gradient cannot be learned"
            )
        self._data, self.version = data.copy("K") if requires_grad and is_leaf else data, [0]
        self.requires_grad = requires_grad
        self.is_leaf = is_leaf
        self.is_parameter = is_parameter

    @staticmethod
    def wrap(data: Any) -> Tensor:
        """A leaf without gradient around the result of a NumPy expression, unchecked and fast."""
        tensor = _new(Tensor)
        tensor._data = data if type(data) is np.ndarray else np.asarray(data)
        tensor.version = [0]
        return tensor

    def _set_data(self, new: Any) -> None:
        self._data = as_numbers(new)
        self.changed()

    if TYPE_CHECKING:
        data: Array
    else:
        data = property(attrgetter("_data"), _set_data)  # read without a call of Python's

    def changed(self) -> None:
        """Counts a change of the numbers, so that no backward pass computes with new ones."""
        self.version[0] += 1

    def view(self, data: Any) -> Tensor:
        """A leaf around a view of this tensor's numbers, or all of them; both count changes."""
        twin = self.wrap(data)
        twin.version = self.version
        return twin

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of `data`."""
        return self._data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of `data`."""
        return self._data.dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._data.ndim

    def __len__(self) -> int:
        if not self._data.ndim:
            raise TypeError(
                "Tensor: a single number has no length; expected at least one dimension"
            )
        return len(self._data)

    def __iter__(self) -> Iterator[Tensor]:
        return map(self.__getitem__, range(len(self)))

    def __repr__(self) -> str:
        numbers = np.array2string(self._data, separator=", ", prefix="Tensor(")
        if self.grad_fn is not None:
            return f"Tensor({numbers}, grad_fn={self.grad_fn!r})"
        return f"Tensor({numbers}{', requires_grad=True' if self.requires_grad else ''})"

    def item(self) -> Any:
        """The only number of a tensor that has one, as a Python number; else ValueError."""
        if self._data.size != 1:
            raise ValueError(f"Tensor: item() expected a single number, got a tensor {self.shape}")
        return self._data.item()

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

    def backward(self, retain_graph: bool = False) -> None:
        """Fills `grad` of every leaf that requires a gradient and that this tensor depends on.

        Starts from ones of the tensor's own shape, so that it also serves tensors of several
        numbers: the gradient is that of their sum. Gradients are added to what `grad` holds
        already. The graph is released afterwards, unless `retain_graph` is true.

        Raises RuntimeError where nothing requires a gradient, where the graph was released by an
        earlier call, or where data that it needs was changed.
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
        ones = wrap(np.ones(self._data.shape, self._data.dtype))
        autograd_engine.backward(node, ones, retain_graph)

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

    def __getitem__(self, key: Any) -> Tensor:
        return F.Index.apply(self, key)

    def matmul(self, other: Any) -> Tensor:
        """`self @ other`."""
        return self @ other

    def power(self, exponent: Any) -> Tensor:
        """`self ** exponent`."""
        return self**exponent

    def exp(self) -> Tensor:
        """`e ** self`."""
        return F.Exp.apply(self)

    def log(self) -> Tensor:
        """The natural logarithm."""
        return F.Log.apply(self)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """The sum over one axis, several, or all."""
        return F.Sum.apply(self, axis, keepdims)

    def mean(self, axis: Any = None, keepdims: bool = False) -> Tensor:
        """The mean over one axis, several, or all."""
        return F.Mean.apply(self, axis, keepdims)

    def max(self, axis: int | None = None, keepdims: bool = False) -> Tensor:
        """The largest number along one axis, or of all."""
        return F.Max.apply(self, axis, keepdims)

    def reshape(self, *shape: Any) -> Tensor:
        """The same numbers in another shape, `reshape(2, 3)` or `reshape((2, 3))`."""
        return F.Reshape.apply(self, shape[0] if len(shape) == 1 else shape)

    def T(self) -> Tensor:
        """The transpose: all axes in reverse order."""
        return F.Transpose.apply(self)

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
