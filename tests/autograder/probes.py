"""What is asked of a submission: each probe runs in a child and yields outputs by name.

A probe takes the submission's classes by name and the arrays of one case. It yields `part/quantity`
and the value, one after the other, so that what came before an exception is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.autograder import given
from tests.autograder.cases import Case
from tests.submission.homeworks import in_turn, layer_array

Classes = dict[str, Any]
Outputs = Iterator[tuple[str, Any]]


def copies(case: Case, *names: str) -> list[Any]:
    """Fresh copies, so that a submission cannot spoil what comes after."""
    return [case[name].copy() for name in names]


def kept(value: Any) -> Any:
    """A copy of a result, which a later call could otherwise change."""
    return value.copy() if isinstance(value, np.ndarray) else value


def softmax_cross_entropy(c: Classes, case: Case) -> Outputs:
    x, y = copies(case, "x", "y")
    criterion = c["SoftmaxCrossEntropy"]()
    yield "forward/loss", kept(criterion.forward(x, y))
    yield "forward/input", x
    yield "backward/derivative", kept(criterion.derivative())


def linear(c: Classes, case: Case) -> Outputs:
    x, delta, x2, delta2 = copies(case, "x", "delta", "x2", "delta2")
    W, b = case["W"], case["b"]
    layer = c["Linear"](*W.shape, in_turn(W), in_turn(b))
    yield "forward/out", kept(layer.forward(x))
    yield "forward/input", x
    yield "backward/dx", kept(layer.backward(delta))
    yield "backward/dW", kept(layer.dW)
    yield "backward/db", kept(layer.db)
    layer.forward(x2)
    layer.backward(delta2)
    yield "backward/dW of a second batch", kept(layer.dW)
    yield "backward/db of a second batch", kept(layer.db)


def activation(c: Classes, case: Case, name: str) -> Outputs:
    (z,) = copies(case, "z")
    layer = c[name]()
    yield "forward/out", kept(layer.forward(z))
    yield "forward/state", kept(layer.state)
    yield "forward/input", z
    yield "backward/derivative", kept(layer.derivative())


def sigmoid(c: Classes, case: Case) -> Outputs:
    return activation(c, case, "Sigmoid")


def tanh(c: Classes, case: Case) -> Outputs:
    return activation(c, case, "Tanh")


def relu(c: Classes, case: Case) -> Outputs:
    return activation(c, case, "ReLU")


def make_mlp(c: Classes, case: Case) -> Any:
    sizes = [int(n) for n in case["sizes"]]
    layers = range(len(sizes) - 1)
    return c["MLP"](
        sizes[0],
        sizes[-1],
        sizes[1:-1],
        [given.BY_LETTER[chr(letter)]() for letter in case["activations"]],
        in_turn(*(case[f"W{i}"] for i in layers)),
        in_turn(*(case[f"b{i}"] for i in layers)),
        given.SoftmaxCrossEntropy(),
        float(case["lr"]),
        momentum=float(case["momentum"]),
        num_bn_layers=int(case["batchnorm"]),
    )


def layers_of(part: str, mlp: Any, names: tuple[str, ...], suffix: str = "") -> Outputs:
    for name in names:
        layers = getattr(mlp, "linear_layers", None) or getattr(mlp, name)
        for i in range(len(layers)):
            yield f"{part}/{name}[{i}]{suffix}", kept(layer_array(mlp, name, i))


def restart(mlp: Any, case: Case) -> None:
    """Gives every layer the weights of the case, so that a wrong step does not follow it."""
    for i in range(len(case["sizes"]) - 1):
        W, b = copies(case, f"W{i}", f"b{i}")
        if hasattr(mlp, "linear_layers"):
            mlp.linear_layers[i].W, mlp.linear_layers[i].b = W, b
        else:
            mlp.W[i], mlp.b[i] = W, b


def classifier(c: Classes, case: Case) -> Outputs:
    mlp = make_mlp(c, case)
    x, y = copies(case, "x0", "y0")
    yield "forward/out", kept(mlp.forward(x))
    yield "forward/input", x
    mlp.zero_grads()
    mlp.backward(y)
    yield from layers_of("backward", mlp, ("dW", "db"))
    mlp.step()
    yield from layers_of("step", mlp, ("W", "b"))
    mlp.zero_grads()
    yield from layers_of("step", mlp, ("dW",), " after zero_grads")
    restart(mlp, case)
    mlp.forward(case["x1"].copy())
    mlp.backward(case["y1"].copy())
    yield from layers_of("backward", mlp, ("dW", "db"), " of a second batch")
    mlp.step()
    yield from layers_of("step", mlp, ("W", "b"), " of a second step")


hidden = classifier


def batchnorm(c: Classes, case: Case) -> Outputs:
    gamma, beta, delta, x0, x1, x_eval = copies(
        case, "gamma", "beta", "delta", "x0", "x1", "x_eval"
    )
    layer = c["BatchNorm"](gamma.shape[1])
    layer.gamma, layer.beta = gamma, beta
    yield "forward/out", kept(layer.forward(x0))
    yield "forward/input", x0
    yield "running/mean", kept(layer.running_mean)
    yield "running/var", kept(layer.running_var)
    layer.forward(x1)
    yield "running/mean of a second batch", kept(layer.running_mean)
    yield "running/var of a second batch", kept(layer.running_var)
    yield "eval/out", kept(layer.forward(x_eval, eval=True))
    yield "eval/running mean after it", kept(layer.running_mean)
    yield "eval/running var after it", kept(layer.running_var)
    layer.forward(case["x0"].copy())
    yield "backward/dx", kept(layer.backward(delta))
    yield "backward/dgamma", kept(layer.dgamma)
    yield "backward/dbeta", kept(layer.dbeta)


def mlp_batchnorm(c: Classes, case: Case) -> Outputs:
    mlp = make_mlp(c, case)
    mlp.train()
    yield "forward/out", kept(mlp.forward(case["x0"].copy()))
    mlp.eval()
    yield "eval/out", kept(mlp.forward(case["x1"].copy()))
    mlp.train()
    mlp.forward(case["x0"].copy())
    mlp.zero_grads()
    mlp.backward(case["y0"].copy())
    yield from layers_of("backward", mlp, ("dW",))
    for i, layer in enumerate(mlp.bn_layers):
        yield f"backward/dgamma[{i}]", kept(layer.dgamma)
        yield f"backward/dbeta[{i}]", kept(layer.dbeta)
    mlp.step()
    for i, layer in enumerate(mlp.bn_layers):
        yield f"step/gamma[{i}]", kept(layer.gamma)
        yield f"step/beta[{i}]", kept(layer.beta)


def training(c: Classes, case: Case) -> Outputs:
    """`get_training_stats` on the embedded digits: four curves, to be looked at by a person."""
    mlp = make_mlp(c, case)
    dset = [(case[f"x{i}"].copy(), case[f"y{i}"].copy()) for i in range(3)]
    names = ("training losses", "training errors", "validation losses", "validation errors")
    curves = c["get_training_stats"](mlp, dset, int(case["epochs"]), 50)
    for name, curve in zip(names, curves, strict=True):
        yield f"run/{name}", np.asarray(curve, float)


def momentum(c: Classes, case: Case) -> Outputs:
    mlp = make_mlp(c, case)
    for i in range(3):
        mlp.zero_grads()
        mlp.forward(case[f"x{i}"].copy())
        mlp.backward(case[f"y{i}"].copy())
        layers = list(mlp.bn_layers or [] if int(case["batchnorm"]) else [])
        yield from layers_of("seen", mlp, ("dW", "db"), f" of step {i + 1}")
        for n, bn in enumerate(layers):
            if not i:
                yield f"seen/gamma[{n}] at first", kept(bn.gamma)
                yield f"seen/beta[{n}] at first", kept(bn.beta)
            yield f"seen/dgamma[{n}] of step {i + 1}", kept(bn.dgamma)
            yield f"seen/dbeta[{n}] of step {i + 1}", kept(bn.dbeta)
        mlp.step()
        yield from layers_of("step", mlp, ("W", "b"), f" of step {i + 1}")
        for layer, bn in enumerate(layers):
            yield f"step/gamma[{layer}] of step {i + 1}", kept(bn.gamma)
            yield f"step/beta[{layer}] of step {i + 1}", kept(bn.beta)
