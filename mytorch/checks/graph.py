"""What automatic differentiation refuses: the errors of `autograd_engine`, as sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mytorch.checks.arrays import array_or_none, as_floats

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
    found = ", ".join(type(i).__name__ for i in inputs)
    numbers = any(isinstance(i, np.ndarray) and i.dtype.kind in "biuf" for i in inputs)
    remedy = "; write Tensor(x)" if numbers else ""
    return TypeError(f"{name}: expected tensors, got {found}{remedy}")


def not_a_tensor(name: str, output: Any) -> TypeError:
    """The error for a `forward` that returns a non-tensor."""
    found = type(output).__name__
    return TypeError(f"{name}.forward: expected a Tensor to be returned, got {found}")


def not_a_gradient(owner: str, thing: Any, what: str = "gradient") -> TypeError:
    """The error for a gradient, or another argument, that is a non-tensor."""
    return TypeError(f"{owner}: expected a tensor as {what}, got {type(thing).__name__}")


def not_a_tensor_as_input(owner: str, thing: Any) -> TypeError:
    """The error for what a module was given in place of a tensor."""
    remedy = "; write Tensor(x)" if array_or_none(thing).dtype.kind in "biuf" else ""
    return TypeError(f"{owner}: expected a Tensor as input, got {type(thing).__name__}{remedy}")


def not_of_output(name: str, grad: Any, shape: tuple[int, ...]) -> ValueError:
    """The error for a gradient of another shape than the operation's output."""
    return ValueError(
        f"{name}: expected a gradient of the output's shape {shape}, got {grad.data.shape}"
    )


def check_start(node: Any, grad: Any) -> None:
    """TypeError for a backward pass that begins at no node, or with no tensor as gradient."""
    if not hasattr(node, "next_functions"):
        raise TypeError(
            f"backward: expected the grad_fn of a tensor, got {type(node).__name__}; "
            f"or call tensor.backward()"
        )
    if not hasattr(grad, "grad_fn"):
        raise not_a_gradient("backward", grad)


def check_gradient(tensor: Any, gradient: Any) -> Any:
    """What `backward` starts from as a tensor of the output's shape and dtype.

    TypeError for anything but numbers, ValueError for another shape.
    """
    if isinstance(gradient, bool):
        raise TypeError(
            f"backward: expected a tensor as gradient, got {gradient}; "
            f"write backward(retain_graph={gradient})"
        )
    data = (
        gradient.data
        if hasattr(gradient, "grad_fn")
        else as_floats(gradient, "backward", "gradient")
    )
    if data.shape != tensor.data.shape:
        raise ValueError(
            f"backward: expected a gradient of the tensor's shape {tensor.shape}, got {data.shape}"
        )
    return tensor.wrap(data.astype(tensor.data.dtype, copy=False))


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


def several_numbers(data: npt.NDArray[Any], what: str, instead: str) -> ValueError:
    """The error for what only a tensor of one number has."""
    return ValueError(
        f"Tensor: expected one number to take the {what} of, got a tensor {data.shape}; "
        f"write {instead}"
    )


def not_written() -> TypeError:
    """The error for `t[key] = value`, which no graph would know of."""
    return TypeError(
        "Tensor: expected no assignment to t[...], for no graph would know of it; write into the "
        "numbers, t.data[...] = value, then t.changed()"
    )


def leaf_updated() -> RuntimeError:
    """The error for `t += other` and its like of a leaf that a graph may refer to."""
    return RuntimeError(
        "Tensor: t += ... and its like change a leaf that requires a gradient, which no graph "
        "would know of; write it in a block `with no_grad():`, or u = t + ... for a new tensor"
    )


def check_one_name(name: str, axis: Any, keepdims: Any, dim: Any, keepdim: Any) -> tuple[Any, Any]:
    """`axis` and `keepdims` by either of their names; TypeError where both are written."""
    if (axis is not None and dim is not None) or (keepdims is not False and keepdim is not None):
        raise TypeError(
            f"{name}: expected axis or dim, and keepdims or keepdim, which are two names of the "
            f"same; got both"
        )
    return axis if dim is None else dim, keepdims if keepdim is None else keepdim


def two_results(name: str, positional: Any, named: Any) -> TypeError:
    """The error for PyTorch's `max(1)`, which has two results."""
    got = ", ".join([*map(repr, positional), *(f"{k}={v!r}" for k, v in named.items())])
    return TypeError(
        f"{name}: expected axis= by name, got {name}({got}), which in PyTorch also says where they "
        f"are; write t.{name}(axis=...) for the numbers, t.arg{name}(axis=...) for the places"
    )


def check_keywords(name: str, inputs: Sequence[Any], out: Sequence[Any]) -> None:
    """TypeError for a function of NumPy that shall write into an array what a tensor gives."""
    if any(o is not None for o in out):
        shapes = " and ".join(str(i.shape) for i in inputs if hasattr(i, "grad_fn"))
        raise TypeError(
            f"numpy.{name}: expected no array to write a tensor {shapes} into (`a += t` is that, "
            f"too), for its gradient would be lost; write a = a + t, or a += t.data"
        )


def gradient_dropped(name: str, tensor: Any) -> TypeError:
    """The error for a function of NumPy that would lose a tensor's gradient."""
    return TypeError(
        f"numpy.{name}: expected an array, got a tensor {tensor.shape} with a gradient, which "
        f"would be lost; write it with operations on tensors, or pass its numbers, t.data"
    )
