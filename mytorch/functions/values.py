"""What Python asks of a tensor as a value: comparisons, truth, one number, text, its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mytorch.checks.graph import several_numbers
from mytorch.checks.shapes import check_broadcastable
from mytorch.checks.torch_names import INSTEAD, Absent


def _comparison(ufunc: Any) -> Callable[[Any, Any], Any]:
    """A method that compares a tensor with numbers, element by element."""

    def compare(self: Any, other: Any) -> Any:
        try:
            numbers = self._operand(other).data
        except TypeError:  # no numbers, e.g. None: Python asks the other side, then by identity
            return NotImplemented
        check_broadcastable("Tensor", self._data.shape, numbers.shape, "compare")
        return ufunc(self._data, numbers)

    compare.__doc__ = f"`numpy.{ufunc.__name__}` of the numbers, element by element."
    return compare


class Values:
    """The protocols of Python that ask for a tensor's numbers; none of them builds a graph.

    Comparisons give arrays of booleans, element by element, in the dtype in which the tensor would
    compute with the other side; tensors are hashed by identity all the same. A tensor of one
    number stands for that number: in `if`, `float`, `int`, `round`, `format` and as an index.
    """

    _data: Any
    __getitem__: Any

    def __dir__(self) -> list[str]:
        return [name for name in object.__dir__(self) if name not in INSTEAD]

    __eq__ = _comparison(np.equal)
    __ne__ = _comparison(np.not_equal)
    __lt__ = _comparison(np.less)
    __le__ = _comparison(np.less_equal)
    __gt__ = _comparison(np.greater)
    __ge__ = _comparison(np.greater_equal)
    __hash__ = object.__hash__

    def __contains__(self, value: Any) -> bool:
        equal = self == value
        if not isinstance(equal, np.ndarray | np.bool_):
            raise TypeError(
                f"Tensor: expected a number or numbers before `in`, got {type(value).__name__}"
            )
        return bool(np.any(equal))

    def __bool__(self) -> bool:
        if self._data.size != 1:
            raise several_numbers(self._data, "truth", "(a == b).all(), (a > 0).any() or len(a)")
        return bool(self._data.item())

    def item(self) -> Any:
        """The only number of a tensor that has one, as a Python number; else ValueError."""
        if self._data.size != 1:
            raise ValueError(
                f"Tensor: item() expected a single number, got a tensor {self._data.shape}; "
                f"tolist() gives all of them, sum() or mean() make one"
            )
        return self._data.item()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self._data.dtype.kind not in "iu" or self._data.size != 1:
            raise TypeError(
                f"Tensor: expected one integer as an index, got a tensor {self._data.shape} of "
                f"{self._data.dtype}; int(t) makes a whole number of one number"
            )
        return int(self._data.item())

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.item(), digits)

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        if self._data.size != 1:
            raise TypeError(
                f"Tensor: the format {spec!r} is for one number, and this tensor has the shape "
                f"{self._data.shape}; show its numbers without a format, or one of them"
            )
        return format(self.item(), spec)

    def tolist(self) -> Any:
        """The numbers as nested lists of Python numbers; a single one as it is."""
        return self._data.tolist()

    def numpy(self) -> Any:
        """The numbers as an array, which the tensor shares; without gradient, as `data` is."""
        return self._data

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of `data`."""
        return self._data.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of `data`."""
        return self._data.dtype

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return self._data.ndim

    def __len__(self) -> int:
        if not self._data.ndim:
            raise TypeError(
                "Tensor: a single number has no length; expected at least one dimension"
            )
        return len(self._data)

    def __iter__(self) -> Iterator[Any]:
        return map(self.__getitem__, range(len(self)))

    def __repr__(self) -> str:
        numbers = np.array2string(self._data, separator=", ", prefix="Tensor(")
        if self.grad_fn is not None:  # type: ignore[attr-defined]
            return f"Tensor({numbers}, grad_fn={self.grad_fn!r})"  # type: ignore[attr-defined]
        wanted = ", requires_grad=True" if self.requires_grad else ""  # type: ignore[attr-defined]
        return f"Tensor({numbers}{wanted})"


for _name in INSTEAD:
    setattr(Values, _name, Absent(_name))


__all__ = ["Values"]
