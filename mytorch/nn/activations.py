"""Activations on tensors."""

from __future__ import annotations

from mytorch import activation
from mytorch import functions as F
from mytorch.checks.graph import not_a_tensor_as_input
from mytorch.checks.settings import check_real
from mytorch.checks.shapes import check_rows
from mytorch.nn.from_layer import FromLayer
from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class Identity(Module):
    """The input itself."""

    def forward(self, x: Tensor) -> Tensor:
        """`x`; TypeError for non-tensors."""
        if not isinstance(x, Tensor):
            raise not_a_tensor_as_input("Identity()", x)
        return x


class ReLU(Module):
    """`max(x, 0)`, with a slope of 0 at 0 (002 §2.2)."""

    def forward(self, x: Tensor) -> Tensor:
        """`max(x, 0)`, same shape."""
        return F.ReLU.apply(x)


class LeakyReLU(Module):
    """`x` where it is positive, else `negative_slope * x`."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = check_real(negative_slope, "LeakyReLU", "negative_slope", 0)

    def _line(self) -> str:
        return f"LeakyReLU({self.negative_slope})"

    def forward(self, x: Tensor) -> Tensor:
        """`x` where it is positive, else `negative_slope * x`; same shape."""
        return F.LeakyReLU.apply(x, self.negative_slope)


class ELU(FromLayer):
    """`x` where it is positive, else `alpha (exp(x) - 1)`."""

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__(activation.ELU(alpha))

    def _line(self) -> str:
        return repr(self.layer)


class GELU(FromLayer):
    """`x Phi(x)`, with the standard normal distribution's `Phi`."""

    def __init__(self) -> None:
        super().__init__(activation.GELU())

    def _line(self) -> str:
        return repr(self.layer)


class Sigmoid(Module):
    """`1 / (1 + exp(-x))`."""

    def forward(self, x: Tensor) -> Tensor:
        """`1 / (1 + exp(-x))`, same shape."""
        return F.Sigmoid.apply(x)


class Tanh(Module):
    """The hyperbolic tangent."""

    def forward(self, x: Tensor) -> Tensor:
        """`tanh(x)`, same shape."""
        return F.Tanh.apply(x)


class Softmax(Module):
    """The softmax of each row; `dim` is 1 or -1, which says just that."""

    def __init__(self, dim: int = 1) -> None:
        check_rows("Softmax", dim)

    def forward(self, x: Tensor) -> Tensor:
        """`exp(x_j) / sum_k exp(x_k)`, `(batch, n)`."""
        return F.Softmax.apply(x)


__all__ = ["ELU", "GELU", "Identity", "LeakyReLU", "ReLU", "Sigmoid", "Softmax", "Tanh"]
