"""The linear layer on tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch import functions as F
from mytorch.checks.arrays import float_dtype
from mytorch.checks.graph import not_a_tensor_as_input
from mytorch.checks.settings import check_int, check_rng
from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class Linear(Module):
    """`x W^T + b` (002 §2.1).

    Attributes
    ----------
    weight : parameter `(out_features, in_features)`, drawn uniformly from `±1 / (2 in_features)`
        by `np.random`, as the homework's template does; then
    bias : parameter `(out_features,)`, likewise; None with `bias=False`.

    With `rng`, a seed or a generator, they are drawn from that. In place of `bias` the dtype may be
    given, as in `Linear(3, 2, np.float32)`.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: Any = True,
        *,
        rng: int | np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float64,
    ) -> None:
        in_features = check_int(in_features, "Linear", "in_features")
        out_features = check_int(out_features, "Linear", "out_features")
        if bias is None:
            raise TypeError("Linear: expected True or False as bias, got None")
        if not isinstance(bias, bool | np.bool_):  # in this place stood the dtype once
            bias, dtype = True, bias
        dtype = float_dtype(dtype)
        random = check_rng(rng, "Linear").random
        k = 1 / in_features
        weight = k * (random((out_features, in_features)) - 0.5)
        self.in_features = in_features
        self.out_features = out_features
        # by columns in memory, so that W^T lies by rows: x W^T is faster by up to a fifth
        weight = weight.astype(dtype, order="F")
        self.weight = Tensor(weight, requires_grad=True, is_parameter=True)
        self.bias: Tensor | None = None
        if bias:
            start = k * (random(out_features) - 0.5)
            self.bias = Tensor(start.astype(dtype), requires_grad=True, is_parameter=True)

    def _line(self) -> str:
        without = ", bias=False" if self.bias is None else ""
        return f"Linear({self.in_features}, {self.out_features}{without})"

    def forward(self, x: Tensor) -> Tensor:
        """`x W^T + b`: `(batch, in_features)` to `(batch, out_features)`, in the weights' dtype.

        Raises ValueError for another shape, TypeError for non-tensors.
        """
        if not isinstance(x, Tensor):
            raise not_a_tensor_as_input(self._line(), x)
        array, weight = x._data, self.weight
        if array.shape[-1:] != (self.in_features,):
            raise ValueError(
                f"{self._line()}: expected input (batch, {self.in_features}), got {x.shape}"
            )
        if array.dtype != weight._data.dtype:
            x = F.Cast.apply(x, weight._data.dtype)
        if self.bias is None:
            return F.Linear.apply(x, weight)
        return F.Linear.apply(x, weight, self.bias)


__all__ = ["Linear"]
