"""The autograd face's engine."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from mytorch import autograd_engine as engine
from mytorch.tensor import Tensor
from tests.fuzz.judge import Entry
from tests.fuzz.kinds import Flag, Numbers, Tensors, Thing, exactly
from tests.fuzz.table_operations import real_numbers
from tests.fuzz.table_tensor import SMALL, seen, tensor


def the_engine() -> Iterator[Entry]:
    grads = Tensors(exactly(2, 3, dtype="any"), gradient=False)
    yield Entry(
        "autograd_engine.backward",
        _engine_backward,
        {
            "grad_fn": Thing(
                lambda: "grad_fn", {"a tensor": tensor, "a list": list}, {}, ("None",)
            ),
            "grad_of_outputs": grads,
            "retain_graph": Flag(),
        },
        words=("gradient",),
    )
    yield Entry(
        "autograd_engine.AccumulateGrad.apply", _accumulate, {"grad": grads}, words=("gradient",)
    )
    yield Entry(
        "autograd_engine.AccumulateGrad",
        lambda tensor: engine.AccumulateGrad(tensor).variable.data,
        {"tensor": Thing(tensor, {"an array": lambda: SMALL}, {}, ("Tensor(2)",))},
    )
    yield Entry(
        "autograd_engine.BackwardFunction.apply", _node, {"grad": grads}, words=("gradient",)
    )
    yield Entry(
        "autograd_engine.ContextManager.save_for_backward",
        lambda tensors: engine.ContextManager().save_for_backward(tensors),
        {"tensors": Thing(tensor, {"an array": lambda: SMALL}, {}, ("Tensor(2)",))},
    )
    yield Entry(
        "autograd_engine.Function.apply",
        _own_function,
        {
            "inputs": Tensors(Numbers(dtype="any", takes=partial(real_numbers, ""))),
            "returns": Thing(
                lambda: "tensor", {"an array": lambda: "array", "None": lambda: "None"}, {}, ()
            ),
        },
        words=("tensors", "Tensor", "Double"),
    )


def _engine_backward(grad_fn: Any, grad_of_outputs: Any, retain_graph: Any) -> Any:
    t = tensor()
    out = t * 2
    engine.backward(
        out.grad_fn if isinstance(grad_fn, str) and grad_fn == "grad_fn" else grad_fn,
        grad_of_outputs,
        retain_graph,
    )
    return t.grad


def _accumulate(grad: Any) -> Any:
    t = tensor()
    engine.AccumulateGrad(t).apply(grad)
    engine.AccumulateGrad(t).apply(grad)
    return t.grad


def _node(grad: Any) -> Any:
    node = (tensor() * 2).grad_fn
    assert node is not None
    return node.apply(grad)[0]


class Double(engine.Function):
    """A homework's own operation."""

    @staticmethod
    def forward(ctx: Any, a: Any, returns: Any = "tensor") -> Any:
        if not isinstance(returns, str) or returns not in ("tensor", "array"):
            return returns
        return a.wrap(a.data * 2) if returns == "tensor" else a.data * 2

    @staticmethod
    def backward(ctx: Any, grad_output: Any) -> Any:
        return Tensor(grad_output.data * 2), None


def _own_function(inputs: Any, returns: Any) -> Any:
    return seen(Double.apply(inputs, returns), inputs)
