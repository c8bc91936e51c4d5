"""What an operation keeps for its backward pass, and whether it is still what it was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

Tensor = Any
"""What the graph is built of: `data`, `requires_grad`, `is_leaf`, `grad`, `grad_fn`, `version`.

The class is in `mytorch.tensor`, which stands above; from here a tensor is made by another one,
`a.wrap(array)`.
"""

SMALL = 512  # bytes up to which a saved array is compared as a whole
SAMPLE = 64  # numbers of a larger array that are compared


class ContextManager:
    """What an operation keeps from its forward pass for its backward pass (002 §0.1.5, step 7).

    Attributes
    ----------
    saved_tensors : the tensors given to `save_for_backward`, in that order.
    next_functions : the nodes of the inputs of `apply`; None where the operation was called
        without it.
    Any other attribute may be set, for what is no tensor.
    """

    # What a fresh object has; set here, because one is made for every operation.
    saved_tensors: tuple[Any, ...] = ()
    next_functions: Sequence[Any] | None = None
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
        for tensor, mark in zip(self.saved_tensors, self._marks):  # noqa: B905 - as many
            if _mark(tensor) != mark:
                return tensor
        return None


def _mark(tensor: Tensor) -> Any:
    """What tells whether data was changed: its bytes, or where they are many, a sample of them.

    For a large array its version counts too, which is how often `tensor.data` was assigned. So a
    few numbers written into a large array past its tensor, `tensor.data[0] = 1`, may go unseen;
    nothing else does.
    """
    data = tensor.data
    if data.nbytes <= SMALL:
        return data.tobytes()
    in_memory_order = data.reshape(-1, order="A")
    return tensor.version, in_memory_order[:: data.size // SAMPLE].tobytes()
