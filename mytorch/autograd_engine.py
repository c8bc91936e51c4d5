"""Automatic differentiation: operations build a graph forward, `backward` walks it once.

Nothing here knows a formula. A `Function` computes an output and, later, the gradients for its
inputs; `Function.apply` notes in a `BackwardFunction` node which operation made the output and
from which nodes its inputs came (002 §0.1.4 and app. A). `backward` visits every node once, from
the deepest to the leaves, without recursion: it costs the graph's edges, where 002's recursive
search costs its paths, 2^60 of them for `x = x + x` sixty times.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, ClassVar

from mytorch.checks import graph as errors
from mytorch.checks.settings import check_bool
from mytorch.numeric.nodes import CopiedInOrder
from mytorch.numeric.partial import Partial, add_up, as_tensor

Node = Any
"""A `BackwardFunction` or an `AccumulateGrad`: `next_functions` and `apply(grad)`."""

Tensor = Any
"""`mytorch.tensor.Tensor`, which imports this module; here `a.wrap(array)` makes a tensor."""


class _State(threading.local):
    """Whether operations build a graph, for each thread on its own."""

    recording = True


_state = _State()


def is_recording() -> bool:
    """Whether operations build a graph here: outside of `no_grad()`."""
    return _state.recording


@contextmanager
def no_grad() -> Iterator[None]:
    """Inside the block operations build no graph: their outputs require no gradient."""
    before = _state.recording
    try:
        _state.recording = False
        yield
    finally:
        _state.recording = before


class ContextManager:
    """What an operation keeps from its forward pass for its backward pass (002 §0.1.5, step 7).

    Attributes
    ----------
    saved_tensors : the tensors given to `save_for_backward`, in that order.
    next_functions : the nodes of the inputs of `apply`; None without `apply`.
    output_shape : the shape of the output of `apply`, which its gradient must have.
    Any other attribute may be set, for non-tensors.
    """

    # What a fresh object has; set here, because one is made for every operation.
    saved_tensors: tuple[Tensor, ...] = ()
    next_functions: Sequence[Node | None] | None = None
    output_shape: tuple[int, ...] | None = None
    _versions: Sequence[tuple[list[int], int, Tensor]] = ()

    if TYPE_CHECKING:  # any other attribute may be set

        def __getattr__(self, name: str) -> Any: ...

        def __setattr__(self, name: str, value: Any) -> None: ...

    def save_for_backward(self, *tensors: Tensor) -> None:
        """Keeps tensors for `backward`, which refuses them if their data changes meanwhile."""
        versions = []
        for tensor in tensors:
            if not hasattr(tensor, "version"):
                raise errors.not_a_gradient("save_for_backward", tensor, "input")
            versions.append((tensor.version, tensor.version[0], tensor))
        self.saved_tensors, self._versions = tensors, versions

    def needs(self, index: int) -> bool:
        """Whether the gradient of this input is asked for; without `apply`, it always is."""
        return self.next_functions is None or self.next_functions[index] is not None


class Function:
    """An operation on tensors, with its derivative; subclasses give both as static methods.

    `forward(ctx, *inputs)` returns the output tensor, `backward(ctx, grad_output)` one gradient
    tensor for each input, or None for an input that has none.
    """

    fresh_gradients = False
    """Whether nothing else refers to the arrays of `backward`, so that a leaf may keep them."""

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
        except Exception as error:
            refusal = errors.not_tensors(cls.__name__, inputs, error)
            if refusal is None:
                raise
            raise refusal from error
        if not hasattr(output, "grad_fn"):
            raise errors.not_a_tensor(cls.__name__, output)
        recording, depth = _state.recording, 0
        next_functions: list[Node | None] = []
        for i in inputs:
            if i is output:
                output = output.twin(output.data)  # an input must not become its own output
            if not (recording and getattr(i, "_requires_grad", False)):
                next_functions.append(None)
                continue
            node = AccumulateGrad(i) if i.is_leaf else i.grad_fn
            next_functions.append(node)
            level = 1 if node is None else node.depth + 1
            if level > depth:
                depth = level
        ctx.next_functions, ctx.output_shape = next_functions, output._data.shape
        output._requires_grad, output.is_leaf = depth > 0, depth == 0
        output.grad_fn = BackwardFunction(cls, ctx, next_functions, depth) if depth else None
        return output


class AccumulateGrad:
    """The end of a path: adds what arrives to the `grad` of a leaf (002 §0.1.5, steps 4 and 8).

    Attributes
    ----------
    variable : the leaf tensor.
    next_functions : always empty.
    """

    __slots__ = ("variable",)

    next_functions: ClassVar[list[Node]] = []
    depth = 0

    def __init__(self, tensor: Tensor) -> None:
        if not hasattr(tensor, "grad_fn"):
            raise errors.not_a_gradient("AccumulateGrad", tensor, "variable")
        self.variable = tensor

    def __repr__(self) -> str:
        return f"AccumulateGrad({self.variable.shape})"

    def apply(self, grad: Tensor, fresh: bool = False) -> tuple[()]:
        """`variable.grad += grad`; the first time, a copy in the variable's dtype.

        A `fresh` gradient, to whose array nothing else refers, is kept itself. Raises ValueError
        where the gradient has another shape than the variable.
        """
        variable = self.variable
        if not hasattr(grad, "grad_fn"):
            grad = as_tensor("AccumulateGrad", grad)
        data, new = variable._data, grad._data
        if new.shape != data.shape:
            raise errors.not_of_shape(grad, data.shape)
        if variable.grad is not None:
            total = variable.grad.data + new
            variable.grad = variable.wrap(total.astype(data.dtype, copy=False))
        elif fresh and new.dtype == data.dtype:
            variable.grad = grad
        else:
            # a copy, for several inputs of one operation may be handed the same array
            variable.grad = variable.wrap(new.astype(data.dtype))
        return ()


class BackwardFunction(CopiedInOrder):
    """An operation in the graph: what made an output, and where its inputs came from.

    Attributes
    ----------
    function : the `Function` class.
    ctx : what its forward pass kept.
    next_functions : the nodes of its inputs, None for inputs without gradient.
    depth : operations on the longest way to a leaf.
    released : whether `backward` is done with this part of the graph.
    """

    __slots__ = ("ctx", "depth", "function", "next_functions", "released")

    def __init__(
        self,
        function: type[Function],
        ctx: ContextManager,
        next_functions: list[Node | None],
        depth: int,
    ) -> None:
        self.function = function
        self.ctx = ctx
        self.next_functions = next_functions
        self.depth = depth
        self.released = False

    def __repr__(self) -> str:
        return f"{self.function.__name__}Backward"

    def apply(self, grad: Tensor) -> Sequence[Tensor | None]:
        """The gradients for the inputs, in their order.

        Raises RuntimeError where the node was already used and released, or where data that it
        saved was changed meanwhile; ValueError where the operation returns too few gradients.
        """
        function, ctx = self.function, self.ctx
        if self.released:
            raise errors.graph_released(function.__name__)
        for version, count, tensor in ctx._versions:
            if version[0] != count:
                raise errors.data_changed(function.__name__, tensor)
        if not hasattr(grad, "grad_fn"):
            grad = as_tensor(function.__name__, grad)
        if grad._data.shape != ctx.output_shape is not None:
            raise errors.not_of_output(function.__name__, grad, ctx.output_shape)
        grads = function.backward(ctx, grad)
        if type(grads) is not tuple:
            grads = tuple(grads) if isinstance(grads, list) else (grads,)
        if len(grads) != len(self.next_functions):
            errors.check_count(function.__name__, grads, len(self.next_functions))
        return grads


_NOTHING = ContextManager()


def backward(grad_fn: Node | None, grad_of_outputs: Tensor, retain_graph: bool = False) -> None:
    """Carries a gradient from the node of an output to all leaves (002 §0.1.5).

    `grad_of_outputs` has the output's shape. What uses a node's output is deeper than the node, and
    the deepest come first: all its gradients have been added when a node is visited. Afterwards
    the graph is released, unless it is to be retained.
    """
    if grad_fn is None:
        return
    errors.check_start(grad_fn, grad_of_outputs)
    if retain_graph is not False:
        retain_graph = check_bool(retain_graph, "backward", "retain_graph")
    if type(grad_fn) is AccumulateGrad:
        grad_fn.apply(grad_of_outputs)
        return
    grads: dict[Node, Tensor | None] = {grad_fn: grad_of_outputs}
    waiting, pushed = [(-grad_fn.depth, 0, grad_fn)], 0  # a heap, whose first is the deepest
    pieces: dict[int, tuple[Node, Partial]] = {}  # of leaves, added up at the end
    while waiting:
        node = heappop(waiting)[2]
        inputs, grad = node.next_functions, grads.pop(node)
        # A node that no gradient reached still frees those behind it.
        results = [None] * len(inputs) if grad is None else node.apply(grad)
        fresh = node.function.fresh_gradients
        for source, result in zip(inputs, results):  # noqa: B905 - their lengths are checked
            if source is None:
                continue
            if type(source) is AccumulateGrad:
                if type(result) is Partial:
                    key = id(source.variable)
                    pieces[key] = source, add_up(pieces.get(key, (None, None))[1], result)
                elif result is not None:
                    source.apply(result, fresh)
            elif source not in grads:
                grads[source] = result
                pushed += 1  # of one depth, the first to be reached comes first
                heappush(waiting, (-source.depth, pushed, source))
            elif result is not None:
                grads[source] = add_up(grads[source], result)
        if not retain_graph:  # what the graph kept here may go
            node.released, node.ctx, node.next_functions = True, _NOTHING, []
    for source, result in pieces.values():
        source.apply(result.tensor(), True)


__all__ = [
    "AccumulateGrad", "BackwardFunction", "ContextManager", "Function", "backward", "is_recording",
    "no_grad",
]  # fmt: skip
