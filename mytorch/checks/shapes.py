"""What shapes, intervals and fill values of tensors must be."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import as_numbers
from mytorch.checks.settings import LARGEST, check_int, check_real, shown


def sizes(shape: tuple[Any, ...], owner: str) -> tuple[int, ...]:
    """The sizes given to `zeros` and its like, one by one or as one tuple."""
    if len(shape) == 1 and isinstance(shape[0], tuple | list):
        shape = tuple(shape[0])
    return tuple([check_int(n, owner, "shape", 0) for n in shape])


def check_interval(interval: tuple[Any, ...]) -> None:
    """Raises TypeError or ValueError but for `stop`, `start, stop` and `start, stop, step`."""
    if not 1 <= len(interval) <= 3:
        raise TypeError(
            f"arange: expected interval (stop), (start, stop) or (start, stop, step), "
            f"got {len(interval)} numbers"
        )
    names = ("stop",) if len(interval) == 1 else ("start", "stop", "step")
    ends = [check_real(n, "arange", what) for n, what in zip(interval, names, strict=False)]
    start, stop, step = ([0, *ends, 1] if len(ends) == 1 else [*ends, 1])[:3]
    if step == 0 or abs((stop - start) / step) > LARGEST:
        raise ValueError(
            f"arange: expected an interval of at most {LARGEST} steps other than 0, "
            f"got {', '.join(map(shown, interval))}"
        )


def filled(data: npt.NDArray[Any], value: Any) -> npt.NDArray[Any]:
    """An array like `data`, full of `value`."""
    number = as_numbers(value)
    if number.ndim:
        raise ValueError(f"fill_: expected one number as value, got an array {number.shape}")
    with np.errstate(all="ignore"):
        new = np.full_like(data, number)
        lost = not np.array_equal(new, np.broadcast_to(number, new.shape), equal_nan=True)
    if lost and (new.dtype.kind != "f" or np.isfinite(number) != np.isfinite(new).all()):
        raise ValueError(f"fill_: expected a value that {new.dtype} holds, got {shown(value)}")
    return new


def check_broadcast(grad: Any, shape: Any) -> None:
    """ValueError where broadcasting `shape` cannot have led to the shape of `grad`."""
    if not isinstance(grad, np.ndarray | np.generic) or not isinstance(shape, tuple | list):
        raise TypeError(
            f"unbroadcast: expected an array as grad and a tuple as shape, "
            f"got {type(grad).__name__} and {shape!r}"
        )
    kept = grad.shape[max(grad.ndim - len(shape), 0) :]
    if len(kept) != len(shape) or any(m not in (1, n) for n, m in zip(kept, shape, strict=True)):
        raise ValueError(
            f"unbroadcast: expected a grad that broadcasting {shape} can lead to, got {grad.shape}"
        )


def check_broadcastable(
    owner: str, a: tuple[int, ...], b: tuple[int, ...], verb: str = "combine"
) -> None:
    """ValueError where arrays of these shapes do not go together, element by element."""
    if a != b and a and b:
        for n, m in zip(reversed(a), reversed(b), strict=False):
            if n != m and n != 1 and m != 1:
                raise ValueError(
                    f"{owner}: shapes {a} and {b} do not broadcast; {verb} arrays of one shape"
                )


def check_rows(owner: str, dim: Any) -> None:
    """TypeError or ValueError for a `dim` other than that of the rows of `(batch, n)`."""
    if dim not in (1, -1) or isinstance(dim, bool):
        check_int(dim, owner, "dim", -1, 1)
        raise ValueError(
            f"{owner}: expected 1 or -1 as dim, the rows of (batch, n), got {dim!r}; "
            f"for columns write it for the transpose, x.T()"
        )


def floats(a: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Integers and booleans as float64: of small ones NumPy would make float16."""
    return a if a.dtype.kind == "f" else a.astype(np.float64)
