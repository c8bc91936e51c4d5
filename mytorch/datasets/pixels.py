"""Images as bytes, which become floats a batch at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import FloatArray, as_floats, float_dtype
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
    mean, deviation : what is subtracted from the numbers from 0 to 1, then divided by; a number, or
        one for each byte of an image, `(features,)`. A deviation is positive.
    picture : height, width and channels of an image, in the order of its bytes. With it, indexing
        gives `(n, channels, height, width)`, as convolutions take it; the channels of a pixel
        are neighbours in memory still.

    Raises TypeError for anything but an array of bytes, ValueError for images of no pixels or a
    number out of range.
    """

    def __init__(
        self,
        images: npt.NDArray[np.uint8],
        white: int,
        dtype: npt.DTypeLike = np.float64,
        mean: float | FloatArray = 0.0,
        deviation: float | FloatArray = 1.0,
        picture: tuple[int, int, int] | None = None,
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
        self.mean = self._one_or_each(mean, "mean", -math.inf)
        self.deviation = self._one_or_each(deviation, "deviation", LEAST_DEVIATION)
        if picture is not None:
            if not isinstance(picture, tuple | list) or len(picture) != 3:
                raise TypeError(
                    f"Pixels: expected (height, width, channels) as picture, got {shown(picture)}"
                )
            height, width, channels = (check_int(n, "Pixels", "picture") for n in picture)
            if height * width * channels != self.bytes.shape[1]:
                raise ValueError(
                    f"Pixels: expected a picture of {self.bytes.shape[1]} bytes, "
                    f"got {height} x {width} x {channels}"
                )
            picture = height, width, channels
        self.picture = picture

    def _one_or_each(self, value: Any, what: str, least: float) -> float | FloatArray:
        """A number, or one for each byte of an image in the dtype of the rows."""
        if not isinstance(value, np.ndarray) or value.ndim != 1:
            return check_real(value, "Pixels", what, least)
        numbers = as_floats(value, "Pixels", what).astype(self.dtype)
        if numbers.shape != self.bytes.shape[1:]:
            raise ValueError(
                f"Pixels: expected a number or an array {self.bytes.shape[1:]} as {what}, "
                f"got {numbers.shape}"
            )
        if not (np.isfinite(numbers).all() and numbers.min() >= least):
            raise ValueError(f"Pixels: expected {what} of finite numbers, of at least {least:g}")
        return numbers

    def __repr__(self) -> str:
        return f"Pixels{self.shape} of {self.dtype}"

    @property
    def shape(self) -> tuple[int, ...]:
        """`(N, features)`, or `(N, channels, height, width)` of pictures."""
        if self.picture is None:
            return self.bytes.shape
        height, width, channels = self.picture
        return len(self.bytes), channels, height, width

    @property
    def ndim(self) -> int:
        """2, or 4 of pictures."""
        return len(self.shape)

    def __len__(self) -> int:
        return len(self.bytes)

    def __getitem__(self, rows: Any) -> FloatArray:
        """The images at `rows` (indices, a slice or a mask) as floats, in the shape of `shape`.

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
        if self.white != 1:
            x /= self.white
        if type(self.mean) is not float or (self.mean, self.deviation) != (0, 1):
            x -= self.mean
            x /= self.deviation
        if self.picture is None:
            return x
        return np.moveaxis(x.reshape(*x.shape[:-1], *self.picture), -1, -3)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> FloatArray:
        if copy is False:
            raise ValueError("Pixels: floats of bytes are always a copy; leave out copy=False")
        return self[:] if dtype is None else self[:].astype(dtype, copy=False)

    def astype(self, dtype: npt.DTypeLike) -> Pixels:
        """The same images with rows of another dtype."""
        return self._with(dtype=dtype)

    def images(self, start: int, stop: int | None = None) -> Pixels:
        """The images from `start` up to `stop`, of the same bytes; counted as a list's slice."""
        start = check_int(start, self, "start", -LARGEST)
        stop = None if stop is None else check_int(stop, self, "stop", -LARGEST)
        return self._with(images=self.bytes[start:stop])

    def normalized(self, mean: float | FloatArray, deviation: float | FloatArray) -> Pixels:
        """The same images, with `mean` subtracted from every number and divided by `deviation`."""
        return self._with(mean=mean, deviation=deviation)

    def pictures(self, height: int, width: int, channels: int = 1) -> Pixels:
        """The same images as `(N, channels, height, width)`, for convolutions."""
        return self._with(picture=(height, width, channels))

    def _with(self, **changes: Any) -> Pixels:
        own = {name: getattr(self, name) for name in SETTINGS}
        return Pixels(**{"images": self.bytes, **own, **changes})

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

    def mean_image(self) -> FloatArray:
        """The mean of all images, `(features,)` in the order of their bytes, from 0 to 1.

        Raises ValueError where there are no images.
        """
        if not len(self):
            raise ValueError(f"{self!r}: expected at least one image to take the mean of")
        sums = np.add.reduce(self.bytes, axis=0, dtype=np.uint64)  # exact
        return sums / (self.white * len(self))

    def channel_statistics(self) -> tuple[FloatArray, FloatArray]:
        """Mean and standard deviation of each channel, once for each byte of an image.

        Of images without channels, those of all numbers. A channel that never varies has the
        deviation 1. Raises ValueError where there are no images.
        """
        channels = self.picture[2] if self.picture else 1
        count = self.bytes.shape[1]
        figures = [
            Pixels(self.bytes[:, channel::channels], self.white).statistics()
            for channel in range(channels)
        ]
        mean, deviation = np.tile(figures, (count // channels, 1)).T
        return mean, np.where(deviation == 0, 1.0, deviation)


SETTINGS = ("white", "dtype", "mean", "deviation", "picture")

PixelDataset = tuple[
    tuple[Pixels, FloatArray], tuple[Pixels, FloatArray], tuple[Pixels, FloatArray]
]
"""Training, validation and test data: images as bytes, and one-hot labels `(N, classes)`."""


__all__ = ["PixelDataset", "Pixels"]
