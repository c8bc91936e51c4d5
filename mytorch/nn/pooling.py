"""Pooling on tensors."""

from __future__ import annotations

from mytorch import pooling
from mytorch.nn.from_layer import FromLayer

Size = int | tuple[int, int]


class MaxPool2d(FromLayer):
    """The maximum of every window of pictures `(batch, channels, height, width)`.

    Arguments as PyTorch's. A maximum that stands twice sends its gradient to the first.
    """

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        super().__init__(pooling.MaxPool2d(kernel_size, stride, padding))

    def _line(self) -> str:
        return repr(self.layer)


class AvgPool2d(FromLayer):
    """The mean of every window of pictures `(batch, channels, height, width)`.

    Arguments as PyTorch's; padding counts as zeros.
    """

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        super().__init__(pooling.AvgPool2d(kernel_size, stride, padding))

    def _line(self) -> str:
        return repr(self.layer)


__all__ = ["AvgPool2d", "MaxPool2d"]
