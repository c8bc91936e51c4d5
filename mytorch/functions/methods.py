"""What a tensor computes by name: its methods that are operations, each a line."""

from __future__ import annotations

from operator import add, matmul, mul, pow, sub, truediv
from typing import Any, NoReturn

from mytorch.autograd_engine import Tensor, is_recording
from mytorch.checks.graph import check_one_name, leaf_updated, not_written, two_results
from mytorch.functions.axes import Index, Max, Mean, Min, Reshape, Sum, Transpose, arg_reduced
from mytorch.functions.unary import Abs, Exp, Log, Sqrt


def _update(operation: Any) -> Any:
    """`t += other` and its like: as in PyTorch, of a leaf that requires a gradient in its place.

    There a graph would not know what its numbers were, so that is for `no_grad()`, as in a step of
    one's own, `p -= lr * p.grad`. Of any other tensor it is a new one under the same name.
    """

    def update(self: Any, other: Any) -> Any:
        if not (self.is_leaf and self._requires_grad):
            return operation(self, other)
        if is_recording():
            raise leaf_updated()
        new = operation(self, other).data
        if new.shape != self.shape:
            raise ValueError(
                f"Tensor: expected numbers that keep the shape {self.shape}, which they would make "
                f"{new.shape}"
            )
        self.data = new.astype(self.dtype, copy=False)
        return self

    return update


class Methods:
    """The named operations of `Tensor`.

    `dim` and `keepdim` are PyTorch's names for `axis` and `keepdims`; either may be written.
    """

    _data: Any
    wrap: Any

    __iadd__, __isub__, __imul__ = _update(add), _update(sub), _update(mul)
    __itruediv__, __ipow__, __imatmul__ = _update(truediv), _update(pow), _update(matmul)

    def matmul(self, other: Any) -> Tensor:
        """`self @ other`."""
        return self @ other

    def power(self, exponent: Any) -> Tensor:
        """`self ** exponent`."""
        return self**exponent

    def exp(self) -> Tensor:
        """`e ** self`."""
        return Exp.apply(self)

    def log(self) -> Tensor:
        """The natural logarithm."""
        return Log.apply(self)

    def sqrt(self) -> Tensor:
        """The square root."""
        return Sqrt.apply(self)

    def abs(self) -> Tensor:
        """The numbers without their signs."""
        return Abs.apply(self)

    def __abs__(self) -> Tensor:
        return Abs.apply(self)

    def sum(
        self, axis: Any = None, keepdims: bool = False, *, dim: Any = None, keepdim: Any = None
    ) -> Tensor:
        """The sum over one axis, several, or all."""
        if dim is not None or keepdim is not None:
            axis, keepdims = check_one_name("sum", axis, keepdims, dim, keepdim)
        return Sum.apply(self, axis, keepdims)

    def mean(
        self, axis: Any = None, keepdims: bool = False, *, dim: Any = None, keepdim: Any = None
    ) -> Tensor:
        """The mean over one axis, several, or all."""
        if dim is not None or keepdim is not None:
            axis, keepdims = check_one_name("mean", axis, keepdims, dim, keepdim)
        return Mean.apply(self, axis, keepdims)

    def max(self, *positional: Any, axis: Any = None, keepdims: bool = False, **dim: Any) -> Tensor:
        """The largest number along one axis, or of all.

        Raises TypeError where the axis is not written by this name: PyTorch's `max(1)` and
        `max(dim=1)` also say where the largest numbers are.
        """
        if positional or dim:
            raise two_results("max", positional, dim)
        return Max.apply(self, axis, keepdims)

    def min(self, *positional: Any, axis: Any = None, keepdims: bool = False, **dim: Any) -> Tensor:
        """The smallest number along one axis, or of all; otherwise as `max`."""
        if positional or dim:
            raise two_results("min", positional, dim)
        return Min.apply(self, axis, keepdims)

    def argmax(
        self, axis: Any = None, keepdims: bool = False, *, dim: Any = None, keepdim: Any = None
    ) -> Tensor:
        """Where the first of the largest numbers is; integers, without gradient."""
        axis, keepdims = check_one_name("argmax", axis, keepdims, dim, keepdim)
        return self.wrap(arg_reduced("argmax", self._data, axis, keepdims))

    def argmin(
        self, axis: Any = None, keepdims: bool = False, *, dim: Any = None, keepdim: Any = None
    ) -> Tensor:
        """Where the first of the smallest numbers is; integers, without gradient."""
        axis, keepdims = check_one_name("argmin", axis, keepdims, dim, keepdim)
        return self.wrap(arg_reduced("argmin", self._data, axis, keepdims))

    def reshape(self, *shape: Any) -> Tensor:
        """The same numbers in another shape, `reshape(2, 3)` or `reshape((2, 3))`."""
        return Reshape.apply(self, shape[0] if len(shape) == 1 else shape)

    view = reshape  # what PyTorch calls it

    def T(self) -> Tensor:
        """The transpose: all axes in reverse order."""
        return Transpose.apply(self)

    def __getitem__(self, key: Any) -> Tensor:
        return Index.apply(self, key)

    def __setitem__(self, key: Any, value: Any) -> NoReturn:
        raise not_written()


__all__ = ["Methods"]
