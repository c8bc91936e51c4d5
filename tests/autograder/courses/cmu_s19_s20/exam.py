"""What is asked of a set of classes, each exercise with the arrays of one case.

Where a part could be wrong only because an earlier one is, it is asked once more alone, with
inputs that are set here: the outputs of `step alone` count where those of `step` are wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from tests.autograder.sheet import Sheet, copies
from tests.submission.homeworks import in_turn, layer_array, set_layer_arrays

Classes = Any
Case = dict[str, Any]
ACTIVATIONS = {"i": "Identity", "s": "Sigmoid", "t": "Tanh", "r": "ReLU"}


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
            q.give("derivative", layer.derivative())
        with q.part("backward alone"):
            layer.state = state
            q.give("derivative", layer.derivative())

    return exercise


sigmoid, tanh, relu = (_activation(name) for name in ("Sigmoid", "Tanh", "ReLU"))


def make_mlp(c: Classes, case: Case) -> Any:
    sizes = [int(n) for n in case["sizes"]]
    layers = range(len(sizes) - 1)
    mlp = c["MLP"](
        sizes[0],
        sizes[-1],
        sizes[1:-1],
        [c[ACTIVATIONS[chr(letter)]]() for letter in case["activations"]],
        in_turn(*(case[f"W{i}"] for i in layers)),
        in_turn(*(case[f"b{i}"] for i in layers)),
        c["SoftmaxCrossEntropy"](),
        float(case["lr"]),
        momentum=float(case["momentum"]),
        num_bn_layers=int(case["batchnorm"]),
    )
    with suppress(Exception):  # the initialisers may have been called more often than once
        restart(mlp, case)
    return mlp


def give_layers(q: Sheet, mlp: Any, case: Case, names: tuple[str, ...], suffix: str = "") -> None:
    for name in names:
        for i in range(len(case["sizes"]) - 1):
            q.give(f"{name}[{i}]{suffix}", layer_array(mlp, name, i))


def give_bn(q: Sheet, mlp: Any, case: Case, names: tuple[str, ...], suffix: str = "") -> None:
    for i in range(int(case["batchnorm"])):
        for name in names:
            q.give(f"{name}[{i}]{suffix}", getattr(mlp.bn_layers[i], name))


def cleared(mlp: Any, case: Case, layer: int) -> Any:
    """A weight's gradient after `zero_grads`, which may also have taken it away."""
    with suppress(TypeError, AttributeError, IndexError):
        dW = layer_array(mlp, "dW", layer)
        if dW is not None:
            return dW
    return np.zeros_like(case[f"W{layer}"])


def restart(mlp: Any, case: Case) -> None:
    """Gives every layer the weights of the case, so that a wrong step does not follow it."""
    layers = range(len(case["sizes"]) - 1)
    for name in ("W", "b"):
        set_layer_arrays(mlp, name, [case[f"{name}{i}"].copy() for i in layers])


def set_gradients(mlp: Any, case: Case, step: int) -> None:
    layers = range(len(case["sizes"]) - 1)
    for name in ("dW", "db"):
        set_layer_arrays(mlp, name, [case[f"{name}{i}.{step}"].copy() for i in layers])
    for i in range(int(case["batchnorm"])):
        for name in ("dgamma", "dbeta"):
            setattr(mlp.bn_layers[i], name, case[f"{name}{i}.{step}"].copy())


def backward(mlp: Any, case: Case, q: Sheet, number: int) -> None:
    """Forward and backward of a batch, each as far as it goes."""
    with q.part("forward of a batch"):
        mlp.forward(case[f"x{number}"].copy())
    with q.part("backward"):
        mlp.backward(case[f"y{number}"].copy())


def step_alone(c: Classes, case: Case, q: Sheet, steps: int, give: Callable[..., None]) -> None:
    """Steps with gradients that are set, whatever forward and backward do."""
    with q.part("step alone"):
        mlp = make_mlp(c, case)
    backward(mlp, case, q, 0)  # so that all arrays are there
    with q.part("step alone"):
        restart(mlp, case)
    for step in range(steps):
        with q.part("step alone"):
            set_gradients(mlp, case, step)
            mlp.step()
        with q.part("step alone"):
            give(mlp, f" of step {step + 1}")


def hidden(c: Classes, case: Case, q: Sheet) -> None:
    mlp = make_mlp(c, case)
    (x,) = copies(case, "x0")
    with q.part("forward"):
        q.give("out", mlp.forward(x))
        q.give("input", x)
    with q.part("step and zero_grads"):
        mlp.zero_grads()
    with q.part("backward"):
        mlp.backward(case["y0"].copy())
    with q.part("backward"):
        give_layers(q, mlp, case, ("dW", "db"))
    with q.part("step"):
        mlp.step()
    with q.part("step"):
        give_layers(q, mlp, case, ("W", "b"))
    with q.part("step"):
        restart(mlp, case)
    backward(mlp, case, q, 1)
    with q.part("backward"):
        give_layers(q, mlp, case, ("dW", "db"), " of a second batch")
    with q.part("step"):
        mlp.step()
    with q.part("step"):
        give_layers(q, mlp, case, ("W", "b"), " of a second step")
    step_alone(c, case, q, 1, lambda mlp, _: give_layers(q, mlp, case, ("W", "b")))


def classifier(c: Classes, case: Case, q: Sheet) -> None:
    hidden(c, case, q)
    mlp = make_mlp(c, case)
    backward(mlp, case, q, 0)
    with q.part("step and zero_grads"):
        mlp.zero_grads()
    with q.part("step and zero_grads"):
        for i in range(len(case["sizes"]) - 1):
            q.give(f"dW[{i}] after it", cleared(mlp, case, i))


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


def mlp_batchnorm(c: Classes, case: Case, q: Sheet) -> None:
    mlp = make_mlp(c, case)
    with q.part("eval"):
        mlp.train()
    with q.part("forward"):
        q.give("out", mlp.forward(case["x0"].copy()))
    with q.part("eval"):
        mlp.eval()
        q.give("out", mlp.forward(case["x1"].copy()))
        mlp.train()
        q.give("out in training again", mlp.forward(case["x1"].copy()))
    mlp = make_mlp(c, case)
    with q.part("step and zero_grads"):
        mlp.zero_grads()
    backward(mlp, case, q, 0)
    with q.part("backward"):
        give_layers(q, mlp, case, ("dW",))
        give_bn(q, mlp, case, ("dgamma", "dbeta"))
    with q.part("step"):
        mlp.step()
    with q.part("step"):
        give_bn(q, mlp, case, ("gamma", "beta"))
    step_alone(c, case, q, 1, lambda mlp, _: give_bn(q, mlp, case, ("gamma", "beta")))


def training(c: Classes, case: Case, q: Sheet) -> None:
    """`get_training_stats` on the embedded digits: four curves, to be looked at by a person."""
    mlp = make_mlp(c, case)
    dset = [(case[f"x{i}"].copy(), case[f"y{i}"].copy()) for i in range(3)]
    names = ("training losses", "training errors", "validation losses", "validation errors")
    with q.part("run"):
        curves = c["get_training_stats"](mlp, dset, int(case["epochs"]), 50)
        for name, curve in zip(names, curves, strict=True):
            q.give(name, np.asarray(curve, float))


def momentum(c: Classes, case: Case, q: Sheet) -> None:
    def give(mlp: Any, suffix: str) -> None:
        give_layers(q, mlp, case, ("W", "b"), suffix)
        give_bn(q, mlp, case, ("gamma", "beta"), suffix)

    mlp = make_mlp(c, case)
    for i in range(3):
        with q.part("step and zero_grads"):
            mlp.zero_grads()
        backward(mlp, case, q, i)
        with q.part("step"):
            mlp.step()
        with q.part("step"):
            give(mlp, f" of step {i + 1}")
    step_alone(c, case, q, 3, give)
