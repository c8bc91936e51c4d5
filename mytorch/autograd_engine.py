"""Automatic differentiation: operations build a graph forward, `backward` walks it once.

Nothing here knows a formula. A `Function` computes an output and, later, the gradients for its
inputs; `Function.apply` notes in a `BackwardFunction` node which operation made the output and
from which nodes its inputs came (002 §0.1.4 and app. A). `backward` visits every node once, after
all nodes that use its output, and without recursion: the cost is that of the graph's edges, where
002's recursive search costs that of its paths, 2^60 of them for `x = x + x` sixty times.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np

from mytorch.autograd_context import ContextManager, Tensor, no_gradient, no_tensors
from mytorch.checks.settings import check_bool

Node = Any
"""A `BackwardFunction` or an `AccumulateGrad`: `next_functions` and `apply(grad)`."""


class _State(threading.local):
    """Whether operations build a graph, for each thread on its own."""

    recording = True


_state = _State()


@contextmanager
def no_grad() -> Iterator[None]:
    """Inside the block operations build no graph: their outputs require no gradient."""
    before = _state.recording
    try:
        _state.recording = False
        yield
    finally:
        _state.recording = before


class Function:
    """An operation on tensors, with its derivative; subclasses give both as static methods.

    `forward(ctx, *inputs)` returns the output tensor, `backward(ctx, grad_output)` one gradient
    tensor for each input, or None for an input that has none.
    """

    @staticmethod
    def forward(ctx: ContextManager, *inputs: Any) -> Tensor:
        """The output, from tensors and whatever else the operation takes."""
        raise NotImplementedError("a Function needs a forward")

    @staticmethod
    def backward(ctx: ContextManager, grad_output: Tensor) -> Any:
        """The gradient for each input, from the gradient for the output."""
        raise NotImplementedError("a Function needs a backward")

    @classmethod
    def apply(cls, *inputs: Any) -> Any:
        """Runs the operation and adds its node to the graph (002 §0.1.4).

        The output requires a gradient if any input does, and is a leaf otherwise. The node has
        one entry in `next_functions` for each input, None where it requires no gradient.
        """
        ctx = ContextManager()
        try:
            output = cls.forward(ctx, *inputs)
        except Exception as error:  # an AttributeError of no tensor, or whatever it raises first
            refusal = no_tensors(cls.__name__, inputs, error)
            if refusal is None:
                raise
            raise refusal from error
        if not hasattr(output, "grad_fn"):
            raise TypeError(
                f"{cls.__name__}.forward: expected a Tensor to be returned, "
                f"got {type(output).__name__}"
            )
        if inputs and output is inputs[0]:  # an input must not become its own output
            output = output.view(output.data)
        if not _state.recording:
            output.requires_grad, output.is_leaf, output.grad_fn = False, True, None
            return output
        next_functions: list[Node | None] = []
        required = False
        for i in inputs:
            if getattr(i, "requires_grad", False):
                next_functions.append(AccumulateGrad(i) if i.is_leaf else i.grad_fn)
                required = True
            else:
                next_functions.append(None)
        if required:
            ctx.next_functions = next_functions
            ctx.output_shape = output.data.shape
            output.record(BackwardFunction(cls, ctx, next_functions))
        return output


def check_differentiable(data: Any) -> None:
    """TypeError for an array that is no floats and so can have no gradient."""
    if data.dtype.kind != "f":
        raise TypeError(
            f"Tensor: expected floats where a gradient is required, got {data.dtype}; "
            f"write floats, e.g. Tensor([1.0, 2.0], requires_grad=True)"
        )


class AccumulateGrad:
    """The end of a path: adds what arrives to the `grad` of a leaf (002 §0.1.5, steps 4 and 8).

    Attributes
    ----------
    variable : the leaf tensor.
    next_functions : always empty.
    """

    __slots__ = ("variable",)

    next_functions: ClassVar[list[Node]] = []

    def __init__(self, tensor: Tensor) -> None:
        if not hasattr(tensor, "grad_fn"):
            raise TypeError(f"AccumulateGrad: expected a tensor, got {type(tensor).__name__}")
        self.variable = tensor

    def __repr__(self) -> str:
        return f"AccumulateGrad({self.variable.shape})"

    def apply(self, grad: Tensor) -> tuple[()]:
        """`variable.grad += grad`; the first time, a copy in the variable's dtype.

        Raises ValueError where the gradient has another shape than the variable.
        """
        variable = self.variable
        data = variable.data
        if not hasattr(grad, "grad_fn"):
            raise no_gradient("AccumulateGrad", grad)
        if grad.data.shape != data.shape:
            raise ValueError(
                f"expected a gradient of the tensor's shape {data.shape}, got {grad.data.shape}; "
                f"a backward that broadcasts must sum its gradient (functional.unbroadcast)"
            )
        if variable.grad is None:
            check_differentiable(data)
            # a copy, for several inputs of one operation may be handed the same array
            variable.grad = variable.wrap(np.array(grad.data, dtype=data.dtype, order="C"))
        else:
            total = variable.grad.data + grad.data
            variable.grad = variable.wrap(total.astype(data.dtype, copy=False))
        return ()


class BackwardFunction:
    """An operation in the graph: what made an output, and where its inputs came from.

    Attributes
    ----------
    function : the `Function` class.
    ctx : what its forward pass kept.
    next_functions : the nodes of its inputs, None for inputs without gradient.
    """

    __slots__ = ("ctx", "function", "next_functions", "released")

    def __init__(
        self, function: type[Function], ctx: ContextManager, next_functions: list[Node | None]
    ) -> None:
        self.function = function
        self.ctx = ctx
        self.next_functions = next_functions
        self.released = False

    def __repr__(self) -> str:
        return f"{self.function.__name__}Backward"

    def apply(self, grad: Tensor) -> Sequence[Tensor | None]:
        """The gradients for the inputs, in their order.

        Raises RuntimeError where the node was already used and released, or where data that it
        saved was changed meanwhile; ValueError where the operation returns too few gradients.
        """
        name = self.function.__name__
        if self.released:
            raise RuntimeError(
                f"{name}: this part of the graph was released by an earlier backward(); call that "
                f"one with retain_graph=True, or compute the output again"
            )
        changed = self.ctx.changed()
        if changed is not None:
            raise RuntimeError(
                f"{name} saved a tensor {changed.shape} for its backward pass, and the tensor's "
                f"data was changed since; call backward() first, or put the change into a new "
                f"tensor"
            )
        shape = self.ctx.output_shape
        if not hasattr(grad, "grad_fn"):
            raise no_gradient(name, grad)
        if shape is not None and grad.data.shape != shape:
            raise ValueError(
                f"{name}: expected a gradient of the output's shape {shape}, got {grad.data.shape}"
            )
        grads = self.function.backward(self.ctx, grad)
        if type(grads) is not tuple:
            grads = tuple(grads) if isinstance(grads, list) else (grads,)
        count = len(self.next_functions)
        # More are fine where they are None: those of settings that were left at their defaults.
        if len(grads) != count and (
            len(grads) < count or any(g is not None for g in grads[count:])
        ):
            raise ValueError(
                f"{name}.backward: expected {count} gradients, one for each input of apply "
                f"(None for what is no tensor), got {len(grads)}"
            )
        return grads

    def release(self) -> None:
        """Lets go of everything that the graph kept here."""
        self.released = True
        self.ctx = _NOTHING
        self.next_functions = []


_NOTHING = ContextManager()


def backward(grad_fn: Node | None, grad_of_outputs: Tensor, retain_graph: bool = False) -> None:
    """Carries a gradient from the node of an output to all leaves (002 §0.1.5).

    `grad_of_outputs` has the output's shape. Gradients of several paths to one node are added
    before the node is visited. Afterwards the graph is released, unless it is to be retained.
    """
    if grad_fn is None:
        return
    if not hasattr(grad_fn, "next_functions"):
        raise TypeError(
            f"backward: expected the grad_fn of a tensor, got {type(grad_fn).__name__}; "
            f"or call tensor.backward()"
        )
    if not hasattr(grad_of_outputs, "grad_fn"):
        raise no_gradient("backward", grad_of_outputs)
    if retain_graph is not False:
        retain_graph = check_bool(retain_graph, "backward", "retain_graph")
    if type(grad_fn) is AccumulateGrad:
        grad_fn.apply(grad_of_outputs)
        return
    uses = _uses(grad_fn)
    grads = {grad_fn: grad_of_outputs}
    ready = [grad_fn]
    while ready:
        node = ready.pop()
        inputs = node.next_functions
        grad = grads.pop(node, None)
        # A node that no gradient reached still frees those behind it.
        results = [None] * len(inputs) if grad is None else node.apply(grad)
        for source, result in zip(inputs, results):  # noqa: B905 - their lengths are checked
            if source is None:
                continue
            if type(source) is AccumulateGrad:
                if result is not None:
                    source.apply(result)
                continue
            if result is not None:
                known = grads.get(source)
                grads[source] = result if known is None else result.wrap(known.data + result.data)
            uses[source] -= 1
            if not uses[source]:
                ready.append(source)
        if not retain_graph:
            node.release()


def _uses(root: Node) -> dict[Node, int]:
    """How many inputs each operation behind `root` is: that many gradients to wait for."""
    uses = {root: 0}
    unexplored = [root]
    while unexplored:
        for source in unexplored.pop().next_functions:
            if source is None or type(source) is AccumulateGrad:
                continue
            if source in uses:
                uses[source] += 1
            else:
                uses[source] = 1
                unexplored.append(source)
    return uses


__all__ = [
    "AccumulateGrad",
    "BackwardFunction",
    "ContextManager",
    "Function",
    "backward",
    "no_grad",
]
