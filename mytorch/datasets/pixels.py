"""Images as bytes, which become floats a batch at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, float_dtype
from mytorch.checks.settings import check_int, check_real, shown

LEAST_DEVIATION = 1e-30  # that of pixels is above 1e-12 where they differ at all
LARGEST = 2**31 - 1


class Pixels:
    """Images as rows of bytes; indexing gives rows of floats, `(bytes / white - mean) / deviation`.

    It stands for the array `(N, features)` of floats in a quarter of its memory (an eighth in
    float64). `pixels[rows]` is a new array; `np.asarray(pixels)` is the array as a whole.

    Parameters
    ----------
    images : bytes `(N, ...)`, of which each image becomes a row; shared, not copied.
    white : the byte that becomes 1.
    dtype : float32 or float64, of the rows.
    mean, deviation : what is subtracted from the numbers from 0 to 1, then divided by; a deviation
        is positive.

    Raises TypeError for anything but an array of bytes, ValueError for images of no pixels or a
    number out of range.
    """

    ndim = 2

    def __init__(
        self,
        images: npt.NDArray[np.uint8],
        white: int,
        dtype: npt.DTypeLike = np.float64,
        mean: float = 0.0,
        deviation: float = 1.0,
    ) -> None:
        if not isinstance(images, np.ndarray) or isinstance(images, np.ma.MaskedArray):
            raise TypeError(f"Pixels: expected an array of bytes as images, got {shown(images)}")
        if images.dtype != np.uint8:
            raise TypeError(f"Pixels: expected bytes (uint8) as images, got {images.dtype}")
        if images.ndim < 2 or 0 in images.shape[1:]:
            raise ValueError(f"Pixels: expected images (N, ...), got {images.shape}")
        self.bytes = np.asarray(images).reshape(len(images), math.prod(images.shape[1:]))
        self.white = check_int(white, "Pixels", "white", 1, 255)
        self.dtype = float_dtype(dtype)
        self.mean = check_real(mean, "Pixels", "mean")
        self.deviation = check_real(deviation, "Pixels", "deviation", LEAST_DEVIATION)

    def __repr__(self) -> str:
        return f"Pixels{self.shape} of {self.dtype}"

    @property
    def shape(self) -> tuple[int, int]:
        """`(N, features)`."""
        return len(self.bytes), self.bytes.shape[1]

    def __len__(self) -> int:
        return len(self.bytes)

    def __getitem__(self, rows: Any) -> FloatArray:
        """The images at `rows` (indices, a slice or a mask) as floats, `(n, features)`.

        Raises IndexError for a non-index and for a row that is not there.
        """
        try:
            numbers = isinstance(rows, np.ndarray) and rows.dtype.kind == "i"
            if numbers and self.bytes.flags.c_contiguous:  # of others, take would copy them all
                picked = self.bytes.take(rows, axis=0)  # the same in half of the time
            else:
                picked = self.bytes[rows]
        except (IndexError, TypeError, ValueError) as error:
            raise IndexError(
                f"{self!r}: expected numbers of rows, a slice or a mask as rows, "
                f"got {shown(rows)} ({error})"
            ) from None
        x: FloatArray = picked.astype(self.dtype)
        x /= self.white
        if (self.mean, self.deviation) != (0, 1):
            x -= self.mean
            x /= self.deviation
        return x

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> FloatArray:
        if copy is False:
            raise ValueError("Pixels: floats of bytes are always a copy; leave out copy=False")
        return self[:] if dtype is None else self[:].astype(dtype, copy=False)

    def astype(self, dtype: npt.DTypeLike) -> Pixels:
        """The same images with rows of another dtype."""
        return Pixels(self.bytes, self.white, dtype, self.mean, self.deviation)

    def images(self, start: int, stop: int | None = None) -> Pixels:
        """The images from `start` up to `stop`, of the same bytes; counted as a list's slice."""
        start = check_int(start, self, "start", -LARGEST)
        stop = None if stop is None else check_int(stop, self, "stop", -LARGEST)
        return Pixels(self.bytes[start:stop], self.white, self.dtype, self.mean, self.deviation)

    def normalized(self, mean: float, deviation: float) -> Pixels:
        """The same images, with `mean` subtracted from every number and divided by `deviation`."""
        return Pixels(self.bytes, self.white, self.dtype, mean, deviation)

    def statistics(self) -> tuple[float, float]:
        """Mean and standard deviation of all numbers from 0 to 1, in float64.

        Raises ValueError where there are no images.
        """
        if not len(self):
            raise ValueError(f"{self!r}: expected at least one image to take the mean of")
        counts = np.zeros(256)
        for start in range(0, len(self), 1000):  # bincount makes eight bytes of each
            counts += np.bincount(self.bytes[start : start + 1000].ravel(), minlength=256)
        values = np.arange(256) / self.white
        mean = np.average(values, weights=counts)
        return float(mean), float(np.sqrt(np.average((values - mean) ** 2, weights=counts)))


__all__ = ["Pixels"]
