"""Batch normalisation on tensors."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from mytorch import batchnorm
from mytorch import functions as F
from mytorch.checks.graph import not_a_tensor_as_input
from mytorch.checks.settings import check_int, check_real
from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class _BatchNorm(Module):
    """What both have in common; a subclass says which classic layer it runs, and on which shape.

    Attributes
    ----------
    gamma, beta : parameters `(num_features,)`, ones and zeros at first.
    running_mean, running_var : what evaluation uses, `(num_features,)`. After each training batch
        they become `(1 - momentum) * running + momentum * batch`, with the unbiased variance.

    In `state_dict` gamma and beta are called `weight` and `bias`, as in PyTorch.
    """

    kind: ClassVar[type[batchnorm.BatchNorm]]
    axes: ClassVar[int]
    expected: ClassVar[str]
    """The input's number of axes, and its shape as a message shows it."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        *,
        dtype: npt.DTypeLike = np.float64,
    ) -> None:
        name = type(self).__name__
        num_features = check_int(num_features, name, "num_features")
        momentum = check_real(momentum, name, "momentum", 0, 1)
        eps = check_real(eps, name, "eps", 0)
        self._classic = self.kind(num_features, 1 - momentum, eps, dtype)
        dtype = self._classic.dtype
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.gamma = Tensor(np.ones(num_features, dtype), requires_grad=True, is_parameter=True)
        self.beta = Tensor(np.zeros(num_features, dtype), requires_grad=True, is_parameter=True)
        self.running_mean = Tensor(np.zeros(num_features, dtype))
        self.running_var = Tensor(np.ones(num_features, dtype))

    def _line(self) -> str:
        return (
            f"{type(self).__name__}({self.num_features}, eps={self.eps:g}, "
            f"momentum={self.momentum:g})"
        )

    def _state_name(self, name: str) -> str:
        return {"gamma": "weight", "beta": "bias"}.get(name, name)

    def forward(self, x: Tensor) -> Tensor:
        """`gamma (x - mean) / sqrt(var + eps) + beta`, in the shape of `x`.

        In training, mean and biased variance are the batch's; in evaluation the running ones.
        Raises ValueError for another shape or an empty batch.
        """
        if not isinstance(x, Tensor):
            raise not_a_tensor_as_input(self._line(), x)
        shape = x.data.shape
        if len(shape) != self.axes or shape[1] != self.num_features or 0 in shape:
            expected = self.expected.format(self.num_features)
            raise ValueError(
                f"{self._line()}: expected input {expected} with at least one row, got {shape}"
            )
        if x.data.dtype != self.gamma.data.dtype:
            x = F.Cast.apply(x, self.gamma.data.dtype)
        classic = self._classic
        if classic.eps != self.eps:
            classic.eps = float(self.eps)
        if self.is_train:
            out = F.BatchNorm.apply(x, self.gamma, self.beta, classic)
            self._track(x.data.size // self.num_features)
            return out
        classic.running_mean, classic.running_var = self.running_mean.data, self.running_var.data
        return F.OfLayer.apply(x, classic, "infer", self.gamma, self.beta)

    def _track(self, m: int) -> None:
        """Updates the running statistics (002 eq. 7 to 9); they are in no graph."""
        momentum, batch = self.momentum, self._classic
        unbiased = m / max(m - 1, 1)
        mean, var = self.running_mean, self.running_var
        mean.data = (1 - momentum) * mean.data + momentum * batch.mean[0]
        var.data = (1 - momentum) * var.data + (momentum * unbiased) * batch.var[0]


class BatchNorm1d(_BatchNorm):
    """Normalises every feature over the batch, then scales and shifts it (002 §2.4 and app. C).

    Input and output are `(batch, num_features)`. Settings and attributes as in `BatchNorm2d`:
    `gamma` and `beta` are parameters, `running_mean` and `running_var` what evaluation uses.
    """

    kind = batchnorm.BatchNorm
    axes, expected = 2, "(batch, {})"


class BatchNorm2d(_BatchNorm):
    """Normalises every channel of pictures over the batch and all pixels (003 §4).

    Input and output are `(batch, num_features, height, width)`. Settings and attributes as in
    `BatchNorm1d`.
    """

    kind = batchnorm.BatchNorm2d
    axes, expected = 4, "(batch, {}, height, width)"


__all__ = ["BatchNorm1d", "BatchNorm2d"]
