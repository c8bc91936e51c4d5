"""What a submission with certain mistakes answers to each probe; see `model.py` and `probes.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.autograder import model_autograd
from tests.autograder.cases import Case
from tests.autograder.model import (
    Crash,
    Mistakes,
    Outputs,
    affine,
    input_gradient,
    loss_and_derivative,
    parameter_gradients,
    slope,
    squashed,
)
from tests.autograder.model_batchnorm import BatchNorm
from tests.autograder.model_mlp import MLP


def softmax_cross_entropy(case: Case, m: Mistakes) -> Outputs:
    loss, grad = loss_and_derivative(case["x"], case["y"], m)
    yield "forward/loss", loss
    yield "forward/input", case["x"]
    yield "backward/derivative", grad


def linear(case: Case, m: Mistakes) -> Outputs:
    x, W, delta = case["x"], case["W"], case["delta"]
    yield "forward/out", affine(x, W, case["b"], m)
    yield "forward/input", x
    yield "backward/dx", input_gradient(delta, W, m)
    dW, db = parameter_gradients(x, delta, m)
    yield "backward/dW", dW
    yield "backward/db", db
    dW2, db2 = parameter_gradients(case["x2"], case["delta2"], m)
    if "gradients accumulated" in m:
        dW2, db2 = dW + dW2, db + db2
    yield "backward/dW of a second batch", dW2
    yield "backward/db of a second batch", db2


def activation(case: Case, m: Mistakes, name: str) -> Outputs:
    z = case["z"]
    wrong_sign = "exponent with the wrong sign" in m and name == "Sigmoid"
    out = squashed(name, -z if wrong_sign else z)
    yield "forward/out", out
    keeps_input = m & {"derivative of the input", "state keeps the input"}
    yield "forward/state", z if keeps_input else out
    yield "forward/input", z
    yield "backward/derivative", slope(name, out, z, m)


def classifier(case: Case, m: Mistakes) -> Outputs:
    mlp = MLP(case, m)
    yield "forward/out", mlp.forward(case["x0"])
    yield "forward/input", case["x0"]
    mlp.zero_grads()
    mlp.backward(case["y0"])
    yield from mlp.arrays("backward", ("dW", "db"))
    mlp.step()
    yield from mlp.arrays("step", ("W", "b"))
    mlp.zero_grads()
    yield from mlp.arrays("step", ("dW",), " after zero_grads")
    mlp.restart()
    mlp.forward(case["x1"])
    mlp.backward(case["y1"])
    yield from mlp.arrays("backward", ("dW", "db"), " of a second batch")
    mlp.step()
    yield from mlp.arrays("step", ("W", "b"), " of a second step")


def batchnorm(case: Case, m: Mistakes) -> Outputs:
    layer = BatchNorm(case["gamma"], case["beta"], m)
    yield "forward/out", layer.forward(case["x0"])
    yield "forward/input", case["x0"]
    yield "running/mean", layer.running_mean
    yield "running/var", layer.running_var
    layer.forward(case["x1"])
    yield "running/mean of a second batch", layer.running_mean
    yield "running/var of a second batch", layer.running_var
    yield "eval/out", layer.evaluate(case["x_eval"])
    yield "eval/running mean after it", layer.running_mean
    yield "eval/running var after it", layer.running_var
    layer.forward(case["x0"])
    yield "backward/dx", layer.backward(case["delta"])
    yield "backward/dgamma", layer.dgamma
    yield "backward/dbeta", layer.dbeta


def mlp_batchnorm(case: Case, m: Mistakes) -> Outputs:
    mlp = MLP(case, m)
    yield "forward/out", mlp.forward(case["x0"])
    yield "eval/out", mlp.forward(case["x1"], train=False)
    mlp.forward(case["x0"])
    mlp.zero_grads()
    mlp.backward(case["y0"])
    yield from mlp.arrays("backward", ("dW",))
    for i, layer in enumerate(mlp.bn):
        yield f"backward/dgamma[{i}]", layer.dgamma
        yield f"backward/dbeta[{i}]", layer.dbeta
    mlp.step()
    for i, layer in enumerate(mlp.bn):
        yield f"step/gamma[{i}]", layer.gamma
        yield f"step/beta[{i}]", layer.beta


def momentum(case: Case, m: Mistakes) -> Outputs:
    mlp = MLP(case, m)
    for i in range(3):
        mlp.zero_grads()
        mlp.forward(case[f"x{i}"])
        mlp.backward(case[f"y{i}"])
        yield from mlp.arrays("seen", ("dW", "db"), f" of step {i + 1}")
        for n, layer in enumerate(mlp.bn):
            if not i:
                yield f"seen/gamma[{n}] at first", layer.gamma
                yield f"seen/beta[{n}] at first", layer.beta
            yield f"seen/dgamma[{n}] of step {i + 1}", layer.dgamma
            yield f"seen/dbeta[{n}] of step {i + 1}", layer.dbeta
        mlp.step()
        yield from mlp.arrays("step", ("W", "b"), f" of step {i + 1}")
        for n, layer in enumerate(mlp.bn):
            yield f"step/gamma[{n}] of step {i + 1}", layer.gamma
            yield f"step/beta[{n}] of step {i + 1}", layer.beta


MODELS: dict[str, Callable[[Case, Mistakes], Outputs]] = {
    "softmax_cross_entropy": softmax_cross_entropy,
    "linear": linear,
    "classifier": classifier,
    "hidden": classifier,
    "sigmoid": lambda case, m: activation(case, m, "Sigmoid"),
    "tanh": lambda case, m: activation(case, m, "Tanh"),
    "relu": lambda case, m: activation(case, m, "ReLU"),
    "batchnorm": batchnorm,
    "mlp_batchnorm": mlp_batchnorm,
    "momentum": momentum,
    **model_autograd.MODELS,
}


_CACHE: dict[tuple[str, int, Mistakes], tuple[Case, dict[str, Any]]] = {}
"""What was computed already; the case stands beside it so that its id stays its own."""


def answers(probe: str, case: Case, m: Mistakes = frozenset()) -> dict[str, Any]:
    """All outputs of a probe, as a submission with the mistakes `m` would give them.

    What a crash keeps from being computed is left out. The arrays are shared: do not change them.
    """
    key = probe, id(case), m
    if key not in _CACHE:
        _CACHE[key] = case, _computed(probe, case, m)
    return _CACHE[key][1]


def _computed(probe: str, case: Case, m: Mistakes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with np.errstate(all="ignore"):
        try:
            for name, value in MODELS[probe](case, m):
                found[name] = None if value is None else np.array(value)
        except (Crash, ValueError):  # shapes that do not fit end a real submission too
            pass
    dtype = np.float32 if "results in float32" in m else None
    if "results as integers" in m:
        dtype = np.int64
    if dtype is not None:
        found = {
            n: v if v is None or n.endswith("/input") else v.astype(dtype) for n, v in found.items()
        }
    return found
