"""What automatic differentiation refuses: the errors of `autograd_engine`, as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

PLAIN = (int, float, complex, str, bytes, list, tuple, dict, set, np.ndarray)  # non-tensors


def not_tensors(name: str, inputs: Sequence[Any], error: Exception) -> TypeError | None:
    """The error for an operation that failed on non-tensors; None where `error` says it better.

    An operation's own errors say what was expected already, unless all inputs are non-tensors or
    one of them has none of a tensor's attributes.
    """
    if any(hasattr(i, "grad_fn") for i in inputs):
        other = any(isinstance(i, PLAIN) for i in inputs)
        if not (other and isinstance(error, AttributeError)):
            return None
    return TypeError(f"{name}: expected tensors, got {', '.join(type(i).__name__ for i in inputs)}")


def not_a_tensor(name: str, output: Any) -> TypeError:
    """The error for a `forward` that returns a non-tensor."""
    found = type(output).__name__
    return TypeError(f"{name}.forward: expected a Tensor to be returned, got {found}")


def not_a_gradient(owner: str, grad: Any) -> TypeError:
    """The error for a gradient that is a non-tensor."""
    return TypeError(f"{owner}: expected a tensor as gradient, got {type(grad).__name__}")


def not_of_shape(grad: Any, shape: tuple[int, ...]) -> ValueError:
    """The error for a gradient of another shape than its leaf."""
    return ValueError(
        f"expected a gradient of the tensor's shape {shape}, got {grad.data.shape}; "
        f"a backward that broadcasts must sum its gradient (functional.unbroadcast)"
    )


def graph_released(name: str) -> RuntimeError:
    """The error for a second pass through a graph that the first one released."""
    return RuntimeError(
        f"{name}: this part of the graph was released by an earlier backward(); call that "
        f"one with retain_graph=True, or compute the output again"
    )


def data_changed(name: str, tensor: Any) -> RuntimeError:
    """The error for data that an operation saved, and that is another now."""
    return RuntimeError(
        f"{name} saved a tensor {tensor.shape} for its backward pass, and the tensor's "
        f"data was changed since; call backward() first, or put the change into a new tensor"
    )


def check_count(name: str, grads: Sequence[Any], count: int) -> None:
    """ValueError unless there is one gradient for each input.

    More are fine where they are None: those of settings that were left at their defaults.
    """
    if len(grads) < count or any(g is not None for g in grads[count:]):
        raise ValueError(
            f"{name}.backward: expected {count} gradients, one for each input of apply "
            f"(None for a non-tensor), got {len(grads)}"
        )


def check_differentiable(data: npt.NDArray[Any]) -> None:
    """TypeError for numbers that are not floats and so cannot have a gradient."""
    if data.dtype.kind != "f":
        raise TypeError(
            f"Tensor: expected floats where a gradient is required, got {data.dtype}; "
            f"write floats, e.g. Tensor([1.0, 2.0], requires_grad=True)"
        )
