"""What is asked of an MLP; see `exam.py`."""

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


def new_mlp(c: Classes, case: Case) -> Any:
    """An MLP whose initialisers give the weights of the case, if it asks each once a layer."""
    sizes = [int(n) for n in case["sizes"]]
    layers = range(len(sizes) - 1)
    return c["MLP"](
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


def make_mlp(c: Classes, case: Case) -> Any:
    mlp = new_mlp(c, case)
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
    """A weight's gradient after `zero_grads`, which may also have taken it away.

    Zeros of another shape are right here: `backward` made them, and that has cost points.
    """
    with suppress(TypeError, AttributeError, LookupError):
        dW = layer_array(mlp, "dW", layer)
        if dW is not None and np.any(dW):
            return dW
    return np.zeros_like(case[f"W{layer}"])


def restart(mlp: Any, case: Case) -> None:
    """Gives every layer the weights of the case, so that a wrong step does not follow it."""
    layers = range(len(case["sizes"]) - 1)
    for name in ("W", "b"):
        set_layer_arrays(mlp, name, [case[f"{name}{i}"].copy() for i in layers])


def clear(mlp: Any, case: Case) -> None:
    """Clears the gradients, so that a backward which adds to them is right, too.

    That is what `zero_grads` is for; here it costs nothing where it does not do it.
    """
    with suppress(Exception):
        mlp.zero_grads()
    layers = range(len(case["sizes"]) - 1)
    for name, values in (("dW", "W"), ("db", "b")):
        with suppress(Exception):
            if any(np.any(layer_array(mlp, name, i)) for i in layers):
                zeros = [np.zeros_like(case[f"{values}{i}"]) for i in layers]
                set_layer_arrays(mlp, name, zeros)


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
        with suppress(Exception):  # it may change what only `step` may change
            mlp.zero_grads()
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
    clear(mlp, case)
    with suppress(Exception):  # as evaluation does between two batches
        mlp.forward(case["x0"].copy())
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
    with q.part("forward"):
        q.give("out with the initialisers' weights", new_mlp(c, case).forward(case["x0"].copy()))
    mlp = make_mlp(c, case)
    backward(mlp, case, q, 0)
    with q.part("step and zero_grads"):
        mlp.zero_grads()
    with q.part("step and zero_grads"):
        for i in range(len(case["sizes"]) - 1):
            q.give(f"dW[{i}] after it", cleared(mlp, case, i))


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
