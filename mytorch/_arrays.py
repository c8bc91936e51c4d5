"""The door of every layer: arrays come in as floats of the right shape, or with a sentence.

A layer computes in one dtype, float32 or float64. `as_floats` and `as_batch` convert an input
once, where it enters; inside the layer nothing is checked again. Neither ever modifies what it
was given: an array that already fits is passed on as it is, any other is converted into a copy.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[Any]
"""An array of float32 or float64."""

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def float_dtype(dtype: npt.DTypeLike) -> np.dtype[Any]:
    """The dtype of a layer: `np.float32` or `np.float64`, however it is spelled.

    Raises TypeError for every other one.
    """
    try:
        if np.dtype(dtype) in FLOATS:
            return np.dtype(dtype)
    except TypeError:  # NumPy does not know it either
        pass
    raise TypeError(f"expected dtype float32 or float64, got {dtype!r}")


def title(owner: object) -> str:
    """How a message names a layer: the first line of its repr, or the name itself."""
    return owner if isinstance(owner, str) else repr(owner).partition("\n")[0]


def as_floats(value: npt.ArrayLike, owner: object, what: str = "input") -> FloatArray:
    """`value` as an array of floats, of any shape.

    float32 and float64 stay what they are; integers, booleans and other real numbers become
    float64. Raises TypeError where `value` is not made of real numbers; the message begins with
    `owner` (a layer, shown by its repr, or a name) and calls the value `what`.
    """
    if type(value) is np.ndarray and value.dtype in FLOATS:
        return value
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(
            f"{title(owner)}: expected an ordinary array as {what}, got a masked one, and a layer "
            f"would not see the mask; fill it first, e.g. {what}.filled(0)"
        )
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype in FLOATS:
        return array
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"{title(owner)}: expected an array of real numbers as {what}, "
            f"got {type(value).__name__} that makes an array of dtype {array.dtype}"
        )
    return array.astype(np.float64)


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
    array = as_floats(value, owner, what)
    if array.ndim != 2 or array.shape[1] != features or (rows is not None and len(array) != rows):
        expected = f"({'batch' if rows is None else rows}, {features})"
        raise ValueError(
            f"{title(owner)}: expected {what} {expected}, got {array.shape}"
            f"{_remedy(array, features)}"
        )
    if len(array) == 0:
        raise ValueError(
            f"{title(owner)}: got an empty batch {array.shape} as {what}; pass at least one row"
        )
    return array if array.dtype == dtype else array.astype(dtype)


def forgot_forward(owner: object) -> RuntimeError:
    """The error for a backward pass that has nothing to go back over."""
    return RuntimeError(
        f"{title(owner)}: backward was called before forward; "
        f"call forward(x) first, it keeps what backward needs"
    )


class Parameter:
    """An attribute holding an array of fixed shape: `W = Parameter("in_feature", "out_feature")`.

    The shape is named by attributes of the layer, or by numbers. Assigning copies the values into
    the layer's dtype, so the caller's array is never touched by a later step; a vector `(n,)` may
    stand for `(1, n)`. Assigning float32 or float64 values to the attribute that `leads` makes
    this the layer's dtype, unless the layer was built with `dtype=`.

    The layer must have `dtype` and `dtype_fixed`. Assigning raises ValueError for another shape
    and TypeError for anything but real numbers.
    """

    def __init__(self, *shape: str | int, leads: bool = False) -> None:
        self.shape = shape
        self.leads = leads
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, owner: type | None = None) -> Any:
        return self if layer is None else layer.__dict__[self.name]

    def __set__(self, layer: Any, value: Any) -> None:
        if value is layer.__dict__.get(self.name):  # `layer.W += update` assigns what is there
            return
        array = as_floats(value, layer, self.name)
        shape = tuple(getattr(layer, n) if isinstance(n, str) else n for n in self.shape)
        if array.shape != shape and not (shape[0] == 1 and array.shape == shape[1:]):
            raise ValueError(f"{title(layer)}: expected {self.name} {shape}, got {array.shape}")
        if self.leads and not layer.dtype_fixed and array.dtype != layer.dtype:
            layer.dtype = array.dtype
            for name, attribute in vars(type(layer)).items():
                if isinstance(attribute, Parameter) and name in layer.__dict__:
                    layer.__dict__[name] = layer.__dict__[name].astype(array.dtype)
        layer.__dict__[self.name] = np.array(array, dtype=layer.dtype, order="C").reshape(shape)


def _remedy(array: FloatArray, features: int) -> str:
    """What would make the array fit, where that can be told."""
    if array.shape == (features,):
        return "; a single sample is a batch of one, e.g. x.reshape(1, -1)"
    if array.ndim > 2 and np.prod(array.shape[1:]) == features:
        return "; flatten images first, e.g. x.reshape(len(x), -1)"
    if array.ndim == 2 and array.shape[0] == features:
        return "; samples are rows, so perhaps x.T is what you mean"
    return ""
