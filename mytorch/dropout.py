"""Dropout: in training, numbers are left out at random."""

from __future__ import annotations

from typing import Any

import numpy as np

from mytorch.checks.arrays import FloatArray
from mytorch.checks.settings import check_real, check_rng
from mytorch.layer import Layer


class Dropout(Layer, checked=True):
    """`Y = X * mask`, where each number of `mask` is 0 with probability `p`, else `1 / (1 - p)`.

    So the mean of an output is its input, and evaluation needs no scale: there `Y = X` (Srivastava
    et al. 2014, in the inverted form, as in PyTorch). The gradient is `dX = dY * mask`.

    Parameters
    ----------
    p : the probability of leaving a number out, from 0 to 1.
    rng : a seed or a generator; without, a seed that is drawn from NumPy's global one. Checkpoints
        keep its state, so a run that goes on draws what it would have drawn.

    Attributes
    ----------
    mask : that of the last training `forward`, in the shape of its input; None before the first.

    The dtype is that of the input: float32 stays float32, everything else becomes float64.
    """

    kept, output_like, in_repr = ("mask",), "mask", ("p",)

    def __init__(self, p: float = 0.5, rng: int | np.random.Generator | None = None) -> None:
        self.p = check_real(p, "Dropout", "p", 0, 1)
        seed = np.random.randint(2**31) if rng is None else rng
        self.rng: np.random.Generator = check_rng(seed, "Dropout")

    def forward(self, x: Any) -> FloatArray:
        """`x * mask`, with a new mask; TypeError for anything not real."""
        mask = np.asarray(self.kept_in(x.shape), x.dtype)
        if self.p < 1:
            mask /= 1 - self.p
        self.mask = np.asarray(mask)
        return x * self.mask

    def kept_in(self, shape: tuple[int, ...]) -> Any:
        """Which numbers of an array are kept, drawn at random."""
        return self.rng.random(shape, np.float32) >= self.p

    def infer(self, x: Any) -> FloatArray:
        """`x` itself."""
        return x

    def backward(self, grad: Any) -> FloatArray:
        """`grad * mask`."""
        return grad * self.mask

    def infer_backward(self, x: Any, grad: Any) -> FloatArray:
        """`backward` of `infer`: `grad` itself."""
        return grad


__all__ = ["Dropout"]
