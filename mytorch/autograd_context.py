"""What an operation keeps for its backward pass, and whether it is still what it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Tensor = Any
"""What the graph is built of: `data`, `requires_grad`, `is_leaf`, `grad`, `grad_fn`, `version`.

The class is in `mytorch.tensor`, which stands above; from here a tensor is made by another one,
`a.wrap(array)`.
"""

SMALL = 512  # bytes up to which a saved array is compared as a whole
PLAIN = (int, float, complex, str, bytes, list, tuple, dict, set, np.ndarray)  # no tensors
SAMPLE = 64  # numbers of a larger array that are compared


class ContextManager:
    """What an operation keeps from its forward pass for its backward pass (002 §0.1.5, step 7).

    Attributes
    ----------
    saved_tensors : the tensors given to `save_for_backward`, in that order.
    next_functions : the nodes of the inputs of `apply`; None where the operation was called
        without it.
    output_shape : the shape of the output of `apply`, which its gradient must have.
    Any other attribute may be set, for what is no tensor.
    """

    # What a fresh object has; set here, because one is made for every operation.
    saved_tensors: tuple[Any, ...] = ()
    next_functions: Sequence[Any] | None = None
    output_shape: tuple[int, ...] | None = None
    _marks: Sequence[Any] = ()

    if TYPE_CHECKING:  # any other attribute may be set

        def __getattr__(self, name: str) -> Any: ...

        def __setattr__(self, name: str, value: Any) -> None: ...

    def save_for_backward(self, *tensors: Tensor) -> None:
        """Keeps tensors for `backward`, which refuses them if their data changes meanwhile."""
        self.saved_tensors = tensors
        self._marks = [_mark(tensor) for tensor in tensors]

    def needs(self, index: int) -> bool:
        """Whether anybody asks for the gradient of this input; without `apply`, somebody does."""
        return self.next_functions is None or self.next_functions[index] is not None

    def changed(self) -> Tensor | None:
        """The first saved tensor whose data is no longer what it was, if there is one."""
        for tensor, (view, numbers, version) in zip(  # noqa: B905 - as many
            self.saved_tensors, self._marks
        ):
            data = tensor.data
            sample = view if view is not None and view.base is data else _sample(data)
            if sample.tobytes() != numbers or (version is not None and tensor.version != version):
                return tensor
        return None


def _mark(tensor: Tensor) -> tuple[Array | None, bytes, int | None]:
    """What tells whether data was changed: its bytes, or where they are many, a sample of them.

    For a large array its version counts too, which is how often `tensor.data` was assigned. So a
    few numbers written into a large array past its tensor, `tensor.data[0] = 1`, may go unseen;
    nothing else does. A sample that is a view of the data is kept, for it need not be cut again.
    """
    try:
        tensor.grad_fn  # noqa: B018 - an array has data, too, but of another kind
        data = tensor.data
    except AttributeError:
        found = type(tensor).__name__
        raise TypeError(f"save_for_backward: expected tensors, got {found}") from None
    sample = _sample(data)
    return (
        sample if sample.base is data else None,
        sample.tobytes(),
        tensor.version if data.nbytes > SMALL else None,
    )


def _sample(data: Array) -> Array:
    """The data or, where they are many, some of its numbers in the order of memory."""
    if data.nbytes <= SMALL:
        return data
    return data.ravel("A")[:: max(1, data.size // SAMPLE)]


def no_tensors(name: str, inputs: Sequence[Any], error: Exception) -> TypeError | None:
    """The error for an operation that failed because its inputs are no tensors; None if they are.

    An operation's own errors are sentences already, unless it was given something that has none of
    a tensor's attributes.
    """
    if any(hasattr(i, "grad_fn") for i in inputs):
        other = any(isinstance(i, PLAIN) for i in inputs)
        if not (other and isinstance(error, AttributeError)):
            return None
    return TypeError(f"{name}: expected tensors, got {', '.join(type(i).__name__ for i in inputs)}")


def no_gradient(owner: str, grad: Any) -> TypeError:
    """The error for a gradient that is no tensor."""
    return TypeError(f"{owner}: expected a tensor as gradient, got {type(grad).__name__}")
