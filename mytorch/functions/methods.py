"""What a tensor computes by name: its methods that are operations, each a line."""

from __future__ import annotations

from typing import Any, NoReturn

from mytorch.autograd_engine import Tensor
from mytorch.checks.graph import check_one_name, not_written, two_results
from mytorch.functions.axes import Index, Max, Mean, Min, Reshape, Sum, Transpose, arg_reduced
from mytorch.functions.unary import Abs, Exp, Log, Sqrt


class Methods:
    """The named operations of `Tensor`.

    `dim` and `keepdim` are PyTorch's names for `axis` and `keepdims`; either may be written.
    """

    _data: Any
    wrap: Any

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
