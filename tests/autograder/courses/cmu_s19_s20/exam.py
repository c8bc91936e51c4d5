"""What is asked of a set of classes, each exercise with the arrays of one case.

Where a part could be wrong only because an earlier one is, it is asked once more alone, with
inputs that are set here: the outputs of `step alone` count where those of `step` are wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from tests.autograder.courses.cmu_s19_s20.exam_mlp import (
    classifier,
    hidden,
    mlp_batchnorm,
    momentum,
    training,
)
from tests.autograder.sheet import Sheet, copies
from tests.submission.homeworks import in_turn

MLP_EXERCISES = classifier, hidden, mlp_batchnorm, momentum, training

Classes = Any
Case = dict[str, Any]


def called(layer: Any, *inputs: Any) -> Any:
    """What a layer gives when it is called; one that cannot be is asked for `forward`."""
    return layer(*inputs) if callable(layer) else layer.forward(*inputs)


def softmax_cross_entropy(c: Classes, case: Case, q: Sheet) -> None:
    x, y = copies(case, "x", "y")
    criterion = c["SoftmaxCrossEntropy"]()
    with q.part("forward"):
        q.give("loss when called", called(criterion, x.copy(), y))
    with q.part("forward"):
        q.give("loss", criterion.forward(x, y))
        q.give("input", x)
    with q.part("backward"):
        q.give("derivative", criterion.derivative())


def linear(c: Classes, case: Case, q: Sheet) -> None:
    x, delta, x2, delta2 = copies(case, "x", "delta", "x2", "delta2")
    W, b = case["W"], case["b"]
    layer = c["Linear"](*W.shape, in_turn(W), in_turn(b))
    with q.part("forward"):
        q.give("W", layer.W)
        q.give("b", np.reshape(layer.b, (1, -1)))
    with suppress(Exception):
        layer.W, layer.b = W.copy(), b.copy()
    with q.part("forward"):
        q.give("out when called", called(layer, x.copy()))
    with q.part("forward"):
        q.give("out", layer.forward(x))
        q.give("input", x)
    with q.part("backward"):
        q.give("dx", layer.backward(delta))
        q.give("dW", layer.dW)
        q.give("db", layer.db)
        layer.forward(x2)
        layer.backward(delta2)
        q.give("dW of a second batch", layer.dW)
        q.give("db of a second batch", layer.db)


def floats(value: Any) -> Any:
    """Zeros and ones of another kind as floats: a gradient is multiplied by them all the same."""
    is_other = isinstance(value, np.ndarray) and value.dtype.kind in "bui"
    return value.astype(float) if is_other else value


def _activation(name: str) -> Callable[[Classes, Case, Sheet], None]:
    def exercise(c: Classes, case: Case, q: Sheet) -> None:
        z, state = copies(case, "z", "state")
        layer = c[name]()
        with q.part("forward"):
            q.give("out when called", called(layer, z.copy()))
        with q.part("forward"):
            q.give("out", layer.forward(z))
            q.give("state", layer.state)
            q.give("input", z)
        with q.part("backward"):
            q.give("derivative", floats(layer.derivative()))
        with q.part("backward alone"):
            layer.state = state
            q.give("derivative", floats(layer.derivative()))

    return exercise


sigmoid, tanh, relu = (_activation(name) for name in ("Sigmoid", "Tanh", "ReLU"))


def batchnorm(c: Classes, case: Case, q: Sheet) -> None:
    gamma, beta, delta, x0, x1, x_eval = copies(
        case, "gamma", "beta", "delta", "x0", "x1", "x_eval"
    )
    with q.part("forward"):
        layer = c["BatchNorm"](gamma.shape[1])
        layer.gamma, layer.beta = copies(case, "gamma", "beta")
        q.give("out when called", called(layer, x0.copy()))
    layer = c["BatchNorm"](gamma.shape[1])
    layer.gamma, layer.beta = gamma, beta
    with q.part("forward"):
        q.give("out", layer.forward(x0))
        q.give("input", x0)
    with q.part("running"):
        q.give("mean", layer.running_mean)
        q.give("var", layer.running_var)
        layer.forward(x1)
        q.give("mean of a second batch", layer.running_mean)
        q.give("var of a second batch", layer.running_var)
    with q.part("eval"):
        q.give("out", layer.forward(x_eval, eval=True))
        q.give("running mean after it", layer.running_mean)
        q.give("running var after it", layer.running_var)
    with q.part("backward"):
        layer.forward(case["x0"].copy())
        q.give("dx", layer.backward(delta))
        q.give("dgamma", layer.dgamma)
        q.give("dbeta", layer.dbeta)
    with q.part("running alone"):
        give_average(q, layer, case["x1"].copy())
    with q.part("eval alone"):
        layer.running_mean, layer.running_var = copies(case, "running_mean", "running_var")
        q.give("out", layer.forward(case["x_eval"].copy(), eval=True))
        q.give("running mean after it", layer.running_mean)
        q.give("running var after it", layer.running_var)
    with q.part("forward of a batch"):
        layer.forward(case["x1"].copy())
    with q.part("backward alone"):
        for name in ("mean", "var", "norm", "out"):
            setattr(layer, name, case[name].copy())
        layer.x = case["x1"].copy()
        q.give("dx", layer.backward(case["delta"].copy()))
        q.give("dgamma", layer.dgamma)
        q.give("dbeta", layer.dbeta)


def give_average(q: Sheet, layer: Any, x: Any) -> None:
    """How far the running statistics are from the average of their own and the batch's."""
    names = ("mean", "var")
    before = [np.copy(getattr(layer, f"running_{name}")) for name in names]
    layer.forward(x)
    for name, old in zip(names, before, strict=True):
        new, batch = getattr(layer, f"running_{name}"), getattr(layer, name)
        error = np.reshape(new - (0.9 * old + 0.1 * batch), (1, -1))
        q.give(name, np.round(error, 9) + 0.0 if np.any(new != old) else np.full(new.shape, np.nan))
