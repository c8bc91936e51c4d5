"""Checks of pictures and of the windows that convolution and pooling look through."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, as_floats, title
from mytorch.checks.settings import check_int, shown


def check_pair(value: Any, owner: object, what: str, least: int) -> tuple[int, int]:
    """A whole number for both directions, or two of them: vertical, horizontal."""
    if not isinstance(value, tuple | list):
        number = check_int(value, owner, what, least)
        return number, number
    if len(value) != 2:
        raise ValueError(
            f"{title(owner)}: expected one whole number or two (vertical, horizontal) as {what}, "
            f"got {shown(value)}"
        )
    first, second = (check_int(number, owner, what, least) for number in value)
    return first, second


def as_images(
    value: npt.ArrayLike,
    owner: object,
    channels: int | None = None,
    dtype: np.dtype[Any] | None = None,
) -> FloatArray:
    """`value` as floats `(batch, channels, height, width)`; in `dtype`, where one is given.

    Raises ValueError for another shape or an empty batch, TypeError for anything not real.
    """
    array = as_floats(value, owner)
    if array.ndim != 4 or channels not in (None, array.shape[1]):
        c = "channels" if channels is None else channels
        raise ValueError(
            f"{title(owner)}: expected input (batch, {c}, height, width), got {array.shape}"
            f"{_remedy(array, channels)}"
        )
    if array.size == 0:
        raise ValueError(
            f"{title(owner)}: expected at least one picture of at least one pixel as input, "
            f"got {array.shape}"
        )
    return array if dtype in (None, array.dtype) else array.astype(dtype)


def check_window(x: FloatArray, layer: Any) -> FloatArray:
    """`x` itself; ValueError where its pictures are smaller than the layer's window."""
    size = x.shape[2:]
    for n, k, p in zip(size, layer.kernel_size, layer.padding, strict=True):
        if n + 2 * p < k:
            raise ValueError(
                f"{title(layer)}: expected pictures that are at least as large as the window, "
                f"{layer.kernel_size} less twice the padding {layer.padding}, got {tuple(size)}"
            )
    return x


def _remedy(array: FloatArray, channels: int | None) -> str:
    """What would make the array fit, where that can be told."""
    if array.ndim == 4 and array.shape[3] == channels:
        return "; the channels stand last, so perhaps x.transpose(0, 3, 1, 2) is what you mean"
    if array.ndim == 3 and channels in (None, array.shape[0]):
        return "; a single picture is a batch of one, e.g. x[None]"
    if array.ndim == 3 and channels == 1:
        return "; grey pictures have one channel, e.g. x[:, None]"
    if array.ndim == 2:
        return "; rows of pixels become pictures by x.reshape(len(x), channels, height, width)"
    return ""
