"""Checks of arrays: they come in as floats of the right shape, or an error says what was expected.

A layer computes in one dtype, float32 or float64. `as_floats` and `as_batch` convert an input
once, where it enters; inside the layer nothing is checked again. Neither ever modifies what it
was given: an array that already fits is passed on as it is, any other is converted into a copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mytorch.checks.remedies import integers_remedy, shape_remedy

FloatArray = npt.NDArray[Any]
"""An array of float32 or float64."""

DType: TypeAlias = "npt.DTypeLike | None"
"""A dtype, or None for the one that a layer chooses."""

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def float_dtype(dtype: npt.DTypeLike) -> np.dtype[Any]:
    """The dtype of a layer: `np.float32` or `np.float64`, however it is spelled.

    Raises TypeError for every other one.
    """
    if dtype is FLOATS[0] or dtype is FLOATS[1]:
        return dtype
    try:
        # A number or an array is no dtype, though NumPy would look for one inside. "a" once was.
        known = dtype is None or isinstance(dtype, str | type | np.dtype)
        old = isinstance(dtype, str) and dtype.startswith("a")
        if known and not old and np.dtype(dtype) in FLOATS:
            return np.dtype(dtype)
    except (TypeError, ValueError):  # NumPy does not know it either
        pass
    raise TypeError(f"expected dtype float32 or float64, got {dtype!r}")


def title(owner: object) -> str:
    """How a message names a layer: the first line of its repr, or the name itself."""
    if isinstance(owner, str):
        return owner
    line, _, rest = repr(owner).partition("\n")
    return line.rstrip("(") if rest else line


def as_floats(value: npt.ArrayLike, owner: object, what: str = "input") -> FloatArray:
    """`value` as an array of floats, of any shape.

    float32 and float64 stay what they are; integers, booleans and other real numbers become
    float64. Raises TypeError where `value` is not made of real numbers; the message begins with
    `owner` (a layer, shown by its repr, or a name) and calls the value `what`.
    """
    if type(value) is np.ndarray and (value.dtype is FLOATS[0] or value.dtype is FLOATS[1]):
        return value
    if is_masked(value):
        raise TypeError(
            f"{title(owner)}: expected an ordinary array as {what}, got a masked one, and a layer "
            f"would not see the mask; fill it first, e.g. {what}.filled(0)"
        )
    if hasattr(value, "grad_fn"):
        raise TypeError(
            f"{title(owner)}: expected an array of real numbers as {what}, got a Tensor; "
            f"pass its data"
        )
    if value is None:
        raise nothing_returned(owner, "an array of real numbers", what)
    array = array_or_none(value)
    if array.dtype in FLOATS:
        return array
    native = array.dtype.newbyteorder("=")
    if native in FLOATS:  # the bytes of a file, e.g., in another order
        return array.astype(native)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{title(owner)}: expected an array of real numbers as {what}, "
            f"got {type(value).__name__} that makes an array of dtype {array.dtype}"
            f"{integers_remedy(array) if 'labels' in what else ''}"
        )
    return array.astype(np.float64)


def nothing_returned(owner: object, expected: str, what: str) -> TypeError:
    """The error for None, which is what a function without a `return` returns."""
    return TypeError(
        f"{title(owner)}: expected {expected} as {what}, got None; perhaps the return of what "
        f"made it is missing"
    )


def array_or_none(value: Any) -> npt.NDArray[Any]:
    """`np.asarray(value)`; of None where that is impossible, or would lose a mask."""
    if type(value) is np.ndarray:
        return value
    try:
        return np.asarray(None if is_masked(value) else value)
    except Exception:  # any object may have an `__array__`, which may raise anything
        return np.asarray(None)


def is_masked(value: Any) -> bool:
    """Whether it is a masked array, or a list that has one in it, whose mask would be lost."""
    if type(value) is np.ndarray:
        return False
    if isinstance(value, list | tuple):
        return any(is_masked(item) for item in value if not isinstance(item, float | int))
    return isinstance(value, np.ma.MaskedArray)


def as_numbers(data: Any) -> npt.NDArray[Any]:
    """Numbers, lists of numbers and arrays of any kind as exactly a `numpy.ndarray`."""
    if type(data) is np.ndarray and data.dtype.kind in "fiub":
        return data
    if callable(data):
        raise TypeError(f"Tensor: expected numbers, got {data!r}; call it, e.g. x.T()")
    if is_masked(data):
        raise TypeError("Tensor: expected an ordinary array, got a masked one; fill it first")
    if hasattr(data, "grad_fn"):
        raise TypeError("Tensor: expected numbers, got a Tensor; use tensor.copy(), or its data")
    try:
        array = np.array(data)
    except ValueError as error:
        raise TypeError(f"Tensor: expected numbers in rows of equal length ({error})") from error
    except Exception as error:  # any object may have an `__array__`, which may raise anything
        raise TypeError(f"Tensor: expected numbers, got {type(data).__name__}") from error
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"Tensor: expected real numbers, got {type(data).__name__} of dtype {array.dtype}"
        )
    return array


def as_batch(
    value: npt.ArrayLike,
    features: int,
    dtype: np.dtype[Any],
    owner: object,
    what: str = "input",
    rows: int | None = None,
) -> FloatArray:
    """`value` as a batch `(rows, features)` in `dtype`; any number of rows where `rows` is None.

    Raises ValueError for another shape or an empty batch, TypeError as `as_floats` does.
    """
    if type(value) is np.ndarray and value.dtype is dtype and value.ndim == 2:
        count, columns = value.shape
        if columns == features and (count == rows or (rows is None and count)):
            return value
    array = as_floats(value, owner, what)
    if array.ndim != 2 or array.shape[1] != features or (rows is not None and len(array) != rows):
        expected = f"({'batch' if rows is None else rows}, {features})"
        raise ValueError(
            f"{title(owner)}: expected {what} {expected}, got {array.shape}"
            f"{shape_remedy(array_or_none(value), features, what, rows)}"
        )
    if len(array) == 0:
        raise ValueError(
            f"{title(owner)}: got an empty batch {array.shape} as {what}; pass at least one row"
        )
    return array if array.dtype == dtype else array.astype(dtype)


def forgot_forward(owner: object, method: str = "backward") -> RuntimeError:
    """The error for a method that needs what `forward` keeps."""
    return RuntimeError(
        f"{title(owner)}: {method} was called before forward; "
        f"call forward first, it keeps what {method} needs"
    )


def no_array(owner: object, method: str, result: Any) -> TypeError:
    """The error for a method that should have returned an array."""
    return TypeError(
        f"{title(owner)}: expected an array from {method}, "
        f"got {type(result).__name__}; perhaps its return is missing"
    )


def not_a_slope(owner: object, slope: Any, shape: tuple[int, ...]) -> Exception:
    """The error for a `local_gradient` that returns nothing, or not a number for each one."""
    if slope is None:
        return no_array(owner, "local_gradient", slope)
    return ValueError(
        f"{title(owner)}: expected a local_gradient of the output's shape {shape}, "
        f"got {np.shape(slope)}"
    )


def as_gradient(
    value: npt.ArrayLike, shape: tuple[int, ...], dtype: np.dtype[Any], owner: object
) -> FloatArray:
    """`value` as a gradient of an output's shape and dtype.

    Raises ValueError for another shape, TypeError as `as_floats` does.
    """
    if type(value) is np.ndarray and value.shape == shape and value.dtype is dtype:
        return value
    if value is None:
        raise nothing_returned(owner, "an array", "gradient")
    array = as_floats(value, owner, "gradient")
    if array.shape != shape:
        raise ValueError(
            f"{title(owner)}: expected a gradient of the output's shape {shape}, got {array.shape}"
        )
    return array if array.dtype == dtype else array.astype(dtype)


def as_logits(value: npt.ArrayLike, owner: object) -> FloatArray:
    """`value` as rows of logits `(batch, n)`; ValueError for anything else or no column."""
    logits = as_floats(value, owner)
    if logits.ndim != 2 or logits.shape[1] == 0:
        raise ValueError(
            f"{title(owner)}: expected rows of logits (batch, n) with n >= 1, got {logits.shape}"
        )
    return logits


class ArrayAttribute:
    """An attribute that is an array of fixed shape: `W = ArrayAttribute("in_feature", ...)`.

    The shape is named by attributes of the layer, or by numbers. Assigning copies the values into
    a new array of the layer's `dtype`, so the caller's array is never touched by a later step; a
    vector `(n,)` may stand for `(1, n)`. `memory` is the order of the axes in memory, from the one
    with the largest steps on. Raises ValueError for another shape and TypeError for anything but
    real numbers.
    """

    # What was never assigned reads as this object; in arithmetic with arrays it is a TypeError.
    __array_ufunc__ = None

    def __init__(self, *shape: str | int, memory: tuple[int, ...] | None = None) -> None:
        self.shape = shape
        self.memory = memory
        self.name = ""

    @classmethod
    def several(cls, count: int, *shape: str | int, **options: Any) -> list[ArrayAttribute]:
        """Attributes of one shape, for several names: `W, dW = ArrayAttribute.several(2, ...)`."""
        return [cls(*shape, **options) for _ in range(count)]

    def as_in_torch(self, array: FloatArray) -> FloatArray:
        """Such an array as PyTorch lays it out: `(1, n)` as `(n,)`, a matrix as its transpose."""
        if self.shape[0] == 1:
            return array[0]
        return array.T if len(self.shape) == 2 else array

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"{self.name}, to which nothing was assigned yet"

    if TYPE_CHECKING:  # without one, Python itself looks into the layer, in a third of the time

        def __get__(self, layer: Any, owner: type | None = None) -> FloatArray: ...

    def __set__(self, layer: Any, value: npt.ArrayLike) -> None:
        if value is not None and value is layer.__dict__.get(self.name):
            return  # `layer.W += update` assigns what is there
        array = as_floats(value, layer, self.name)
        shape = tuple(getattr(layer, n) if isinstance(n, str) else n for n in self.shape)
        if array.shape != shape and not (shape[0] == 1 and array.shape == shape[1:]):
            raise ValueError(f"{title(layer)}: expected {self.name} {shape}, got {array.shape}")
        new = np.array(array, layer.dtype, order="C").reshape(shape)
        if self.memory is not None:
            new = np.ascontiguousarray(new.transpose(self.memory)).transpose(
                np.argsort(self.memory)
            )
        layer.__dict__[self.name] = new
