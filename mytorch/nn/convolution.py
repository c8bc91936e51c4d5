"""The convolutional layer on tensors."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from mytorch import convolution
from mytorch.nn.from_layer import FromLayer


class Conv2d(FromLayer):
    """Every output pixel is the same affine function of the window around it.

    Arguments as PyTorch's; the formulas are those of `mytorch.convolution.Conv2d`, the gradients
    are summed over the batch. Input `(batch, in_channels, height, width)`.

    Attributes
    ----------
    weight : parameter `(out_channels, in_channels, kh, kw)`, and
    bias : parameter `(out_channels,)`, if there is one, both drawn uniformly from
        `±1 / sqrt(in_channels * kh * kw)`.
    """

    _torch_names: ClassVar[dict[str, str]] = {"W": "weight", "b": "bias"}

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int],
        stride: int | tuple[int, int] = 1,
        padding: int | tuple[int, int] = 0,
        *,
        bias: bool = True,
        rng: int | np.random.Generator | None = None,
        dtype: npt.DTypeLike = np.float64,
    ) -> None:
        layer: Any = convolution.Conv2d(
            in_channels, out_channels, kernel_size, stride, padding, bias, rng, dtype
        )
        super().__init__(layer)

    def _line(self) -> str:
        return repr(self.layer)


__all__ = ["Conv2d"]
