"""What holds for right answers, each exercise with the arrays of one case; see `properties.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.autograder.courses.cmu_s19_s20.exam_mlp import make_mlp, restart, set_gradients
from tests.autograder.properties import array, differences, like, numeric, part, slopes, true
from tests.autograder.sheet import Sheet, copies
from tests.submission.homeworks import layer_array, set_array, set_layer_arrays

Classes = Any
Case = dict[str, Any]
MANY = 250
"""After as many equal batches nothing is left of where the running statistics began."""


def by_itself(what: str, function: Callable[[Any], Any], x: Any, out: Any) -> None:
    """Raises Expected where the result of a row depends on the other rows."""
    like(f"{what} of a row alone", function(x[1:2].copy()), out[1:2])


def softmax_cross_entropy(c: Classes, case: Case, q: Sheet) -> None:
    x, y = copies(case, "x", "y")
    rows, columns = x.shape
    criterion = c["SoftmaxCrossEntropy"]()
    with part(q, "forward"):
        loss = array("the loss", criterion.forward(x.copy(), y), (rows,))
        true("no loss to be negative", loss >= 0)
        equal = criterion.forward(np.zeros_like(x), y)
        like("the loss of equal logits", equal, np.full(rows, np.log(columns)))
        like("the loss to stay when all logits grow by 3", criterion.forward(x + 3, y), loss)
        array("the loss of logits of 1e4", criterion.forward(1e4 * np.eye(rows, columns), y))
        by_itself("the loss", lambda row: criterion.forward(row, y[1:2]), x, loss)
    with part(q, "backward"):
        criterion.forward(x.copy(), y)
        found = array("the derivative", criterion.derivative(), x.shape)
        differences("the derivative", found, numeric(lambda z: criterion.forward(z, y), x))
        like("the sum of each row of the derivative", found.sum(axis=1), np.zeros(rows))


def linear(c: Classes, case: Case, q: Sheet) -> None:
    x, delta = copies(case, "x", "delta")
    W, b = case["W"], case["b"]
    layer = c["Linear"](*W.shape, lambda *_: W.copy(), lambda *_: b.copy())

    def at(name: str) -> Callable[[Any], Any]:
        def run(value: Any) -> Any:
            set_array(layer, name, value)
            return layer.forward(x.copy())

        return run

    with part(q, "forward"):
        out = array("the output", layer.forward(x.copy()), (len(x), W.shape[1]))
        like("the output for a row of zeros", layer.forward(np.zeros((1, len(W)))), b)
        units = array("the output", layer.forward(np.eye(len(W))), W.shape)
        like("the output for a row with a single 1, less the bias,", units - b, W)
        twice = array("the output", layer.forward(2 * x))
        like("the output for twice the input, less the output,", twice - out, out - b)
        by_itself("the output", layer.forward, x, out)
    with part(q, "backward"):
        layer.forward(x.copy())
        dx = layer.backward(delta.copy())
        dW, db = np.copy(layer.dW), np.copy(layer.db)
        differences("the gradient for the input", dx, numeric(layer.forward, x, delta))
        differences("dW, averaged", dW, numeric(at("W"), W, delta / len(x)))
        set_array(layer, "W", W)
        differences("db, averaged", db, numeric(at("b"), b, delta / len(x)))


def _activation(c: Classes, name: str, z: Any, q: Sheet) -> tuple[Any, Callable[[Any], Any]]:
    """A layer and its forward, with what holds for every activation."""
    layer = c[name]()

    def forward(x: Any) -> Any:
        return array("the output", layer.forward(x.copy()), x.shape)

    with part(q, "backward"):
        layer.forward(z.copy())
        found = layer.derivative()
        differences("the derivative", found, slopes(forward, z))
    return layer, forward


def sigmoid(c: Classes, case: Case, q: Sheet) -> None:
    (z,) = copies(case, "z")
    layer, forward = _activation(c, "Sigmoid", z, q)
    with part(q, "forward"):
        out = forward(z)
        like("state", layer.state, out)
        true("all outputs to be between 0 and 1", (out > 0) & (out < 1))
        like("the output at 0", forward(np.zeros_like(z)), np.full(z.shape, 0.5))
        like("the outputs at z and at -z to add up to 1", out + forward(-z), np.ones_like(z))
        like("the logarithm of S / (1 - S)", np.log(out / (1 - out)), z)


def tanh(c: Classes, case: Case, q: Sheet) -> None:
    (z,) = copies(case, "z")
    layer, forward = _activation(c, "Tanh", z, q)
    with part(q, "forward"):
        out = forward(z)
        like("state", layer.state, out)
        true("all outputs to be between -1 and 1", np.abs(out) < 1)
        like("the outputs at z and at -z to add up to 0", out + forward(-z), np.zeros_like(z))
        like("half the logarithm of (1 + T) / (1 - T)", np.log((1 + out) / (1 - out)) / 2, z)


def relu(c: Classes, case: Case, q: Sheet) -> None:
    (z,) = copies(case, "z")
    layer, forward = _activation(c, "ReLU", z, q)
    with part(q, "forward"):
        out = forward(z)
        like("state", layer.state, out)
        true("no output to be negative", out >= 0)
        like("the output to stay when the layer is applied twice", forward(out), out)
        like("the output at z less the output at -z", out - forward(-z), z)
    with part(q, "backward"):
        forward(np.zeros_like(z))
        like("the derivative at 0", layer.derivative(), np.zeros_like(z))


def batchnorm(c: Classes, case: Case, q: Sheet) -> None:
    gamma, beta, delta, x = copies(case, "gamma", "beta", "delta", "x0")
    columns = x.shape[1]
    zeros = np.zeros(columns)

    def at(name: str, value: Any, data: Any = x, **options: Any) -> Any:
        layer = c["BatchNorm"](columns)
        layer.gamma, layer.beta = gamma.copy(), beta.copy()
        setattr(layer, name, np.copy(value))
        return layer.forward(data.copy(), **options)

    layer = c["BatchNorm"](columns)
    layer.gamma, layer.beta = gamma.copy(), beta.copy()
    with part(q, "forward"):
        out = array("the output", layer.forward(x.copy()), x.shape)
        norm = (out - beta) / gamma
        like("the mean of the normalised columns", norm.mean(axis=0), zeros)
        like("the mean square of the normalised columns", (norm**2).mean(axis=0), zeros + 1)
        like("the output to stay when 2 is added to x", at("beta", beta, x + 2), out)
    with part(q, "backward"):
        layer.forward(x.copy())
        dx = layer.backward(delta.copy())
        name = "the gradient for the input"
        differences(name, dx, numeric(lambda z: at("beta", beta, z), x, delta))
        for name, value in (("gamma", gamma), ("beta", beta)):
            found = getattr(layer, f"d{name}")
            differences(f"d{name}, summed", found, numeric(lambda v: at(name, v), value, delta))  # noqa: B023
    with part(q, "eval"):
        layer.forward(x.copy())
        before = np.copy(layer.running_mean), np.copy(layer.running_var)
        out = array("the output", layer.forward(x.copy(), eval=True), x.shape)
        by_itself("the output", lambda row: layer.forward(row, eval=True), x, out)
        like("running_mean to stay", layer.running_mean, before[0], 0.0)
        like("running_var to stay", layer.running_var, before[1], 0.0)
    with part(q, "running"):
        for _ in range(MANY):
            layer.forward(x.copy())
        after = f"after {MANY} equal batches"
        like(f"running_mean {after}", layer.running_mean, x.mean(axis=0, keepdims=True))
        like(f"running_var {after}", layer.running_var, x.var(axis=0, keepdims=True))


def _mlp(c: Classes, case: Case, q: Sheet) -> None:
    """What holds for the gradients and the steps of every MLP."""
    layers, norms = range(len(case["sizes"]) - 1), range(int(case["batchnorm"]))
    x, y = copies(case, "x0", "y0")
    criterion = c["SoftmaxCrossEntropy"]()

    def losses(name: str, number: int, value: Any) -> Any:
        mlp = make_mlp(c, case)
        if name in ("W", "b"):
            arrays = [layer_array(mlp, name, i) for i in layers]
            arrays[number] = value
            set_layer_arrays(mlp, name, arrays)
        else:
            set_array(mlp.bn_layers[number], name, value)
        return criterion.forward(array("the output", mlp.forward(x.copy())), y)

    with part(q, "backward"):
        mlp = make_mlp(c, case)
        mlp.forward(x.copy())
        mlp.backward(y.copy())
        for name in ("W", "b"):
            for i in layers:
                if name == "b" and i in norms:
                    continue  # batch norm takes it away: its gradient is rounding noise
                found, value = layer_array(mlp, f"d{name}", i), case[f"{name}{i}"]
                wanted = numeric(lambda v: losses(name, i, v), value, 1 / len(x))  # noqa: B023
                differences(f"d{name}[{i}] of the mean loss", found, wanted)
        for i in norms:
            for name in ("gamma", "beta"):
                value = getattr(mlp.bn_layers[i], name)
                wanted = numeric(lambda v: losses(name, i, v), value)  # noqa: B023
                found = getattr(mlp.bn_layers[i], f"d{name}")
                differences(f"d{name}[{i}] of the summed loss", found, wanted)
    with part(q, "step"):
        mlp = make_mlp(c, case)
        set_gradients(mlp, {**case, **{k: 0 * v for k, v in case.items() if k[0] == "d"}}, 0)
        before = [np.copy(layer_array(mlp, "W", i)) for i in layers]
        mlp.step()
        for i in layers:
            like(f"W[{i}] to stay where all gradients are zeros", layer_array(mlp, "W", i),
                 before[i], 0.0)  # fmt: skip


def hidden(c: Classes, case: Case, q: Sheet) -> None:
    x = case["x0"]
    with part(q, "forward"):
        mlp = make_mlp(c, case)
        out = array("the output", mlp.forward(x.copy()), (len(x), int(case["sizes"][-1])))
        by_itself("the output", mlp.forward, x, out)
    _mlp(c, case, q)


classifier = hidden


def mlp_batchnorm(c: Classes, case: Case, q: Sheet) -> None:
    x = case["x0"]
    shape = len(x), int(case["sizes"][-1])
    with part(q, "forward"):
        array("the output", make_mlp(c, case).forward(x.copy()), shape)
    with part(q, "eval"):
        mlp = make_mlp(c, case)
        mlp.forward(x.copy())
        mlp.eval()
        by_itself("the output", mlp.forward, x, array("the output", mlp.forward(x.copy()), shape))
    _mlp(c, case, q)


def momentum(c: Classes, case: Case, q: Sheet) -> None:
    """With equal gradients the second step is longer, by the share of the first."""
    with part(q, "step"):
        mlp = make_mlp(c, case)
        mlp.forward(case["x0"].copy())
        mlp.backward(case["y0"].copy())
        restart(mlp, case)
        weights = [case["W0"]]
        for _ in range(2):
            set_gradients(mlp, case, 0)
            mlp.step()
            weights.append(np.copy(layer_array(mlp, "W", 0)))
        first, second = np.diff(weights, axis=0)
        true("a step to change W[0]", first != 0)
        ratio = np.full(first.shape, 1 + float(case["momentum"]))
        like("a second step with equal gradients, over the first one,", second / first, ratio)
