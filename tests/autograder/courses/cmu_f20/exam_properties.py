"""What holds for right answers, each exercise with the arrays of one case; see `properties.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.autograder.courses.cmu_f20.exam import grad_of, tensor, weighted
from tests.autograder.properties import array, differences, like, numeric, part, true
from tests.autograder.sheet import Sheet

Classes = Any
Case = dict[str, Any]
MANY = 250
"""After as many equal batches nothing is left of where the running statistics began."""


def _binary(
    operation: Callable[[Any, Any], Any], undone: Callable[[Any, Any], Any], words: str
) -> Callable[[Classes, Case, Sheet], None]:
    def exercise(c: Classes, case: Case, q: Sheet) -> None:
        a, b = case["a"], case["b"]

        def run(a: Any, b: Any) -> Any:
            return operation(tensor(c, a), tensor(c, b)).data

        with part(q, "forward"):
            like(words, undone(array("the output", run(a, b), a.shape), b), a)
        with part(q, "backward"):
            left, right = tensor(c, a), tensor(c, b)
            operation(left, right).backward()
            differences("a.grad", grad_of(left), numeric(lambda v: run(v, b), a))
            differences("b.grad", grad_of(right), numeric(lambda v: run(a, v), b))

    return exercise


subtraction = _binary(lambda a, b: a - b, lambda out, b: out + b, "the difference, plus b,")
multiplication = _binary(lambda a, b: a * b, lambda out, b: out / b, "the product, over b,")
division = _binary(lambda a, b: a / b, lambda out, b: out * b, "the quotient, times b,")


def graph(c: Classes, case: Case, q: Sheet) -> None:
    a, b = case["a"], case["b"]

    def run(a: Any, b: Any) -> Any:
        left = tensor(c, a)
        return left * tensor(c, b) + left

    with part(q, "backward"):
        left, right = tensor(c, a), tensor(c, b)
        (left * right + left).backward()
        wanted = numeric(lambda v: run(v, b).data, a)
        differences("a.grad", grad_of(left), wanted)
        differences("b.grad", grad_of(right), numeric(lambda v: run(a, v).data, b))
        (left * right + left).backward()
        like("a.grad after two graphs, over 2,", grad_of(left) / 2, wanted, 1e-5)
    with part(q, "graph"):
        left, right = tensor(c, a), tensor(c, a)
        (left + right).backward()
        differences("a.grad of a + b", grad_of(left), numeric(lambda v: v + a, a))
        true("each leaf to have a gradient of its own", left.grad is not right.grad)


def module_linear(c: Classes, case: Case, q: Sheet) -> None:
    W, b, x, delta = case["W"], case["b"], case["x"], case["delta"]

    def made(W: Any, b: Any) -> Any:
        layer = c["nn.Linear"](*W.shape)
        layer.weight.data[...], layer.bias.data[...] = W.T, b[0]
        return layer

    def run(W: Any, b: Any, x: Any) -> Any:
        return made(W, b)(tensor(c, x)).data

    with part(q, "forward"):
        out = array("the output", run(W, b, x), delta.shape)
        like("the output for a row of zeros", run(W, b, np.zeros((1, len(W)))), b)
        units = array("the output", run(W, b, np.eye(len(W))), W.shape)
        like("the output for a row with a single 1, less the bias,", units - b, W)
        like("the output of a row alone", run(W, b, x[1:2]), out[1:2])
    with part(q, "backward"):
        layer, t = made(W, b), tensor(c, x)
        weighted(c, layer(t), delta)
        differences("x.grad", grad_of(t), numeric(lambda v: run(W, b, v), x, delta))
        wanted = numeric(lambda v: run(v, b, x), W, delta).T
        differences("weight.grad", grad_of(layer.weight), wanted)
        wanted = numeric(lambda v: run(W, v, x), b, delta)[0]
        differences("bias.grad", grad_of(layer.bias), wanted)


def module_relu(c: Classes, case: Case, q: Sheet) -> None:
    z = case["z"]

    def forward(z: Any) -> Any:
        return array("the output", c["nn.ReLU"]()(tensor(c, z)).data, z.shape)

    with part(q, "forward"):
        out = forward(z)
        true("no output to be negative", out >= 0)
        like("the output to stay when the layer is applied twice", forward(out), out)
        like("the output at z less the output at -z", out - forward(-z), z)
    with part(q, "backward"):
        t, zeros = tensor(c, z), tensor(c, 0 * z)
        c["nn.ReLU"]()(t).backward()
        differences("z.grad", grad_of(t), numeric(forward, z))
        c["nn.ReLU"]()(zeros).backward()
        like("z.grad at 0", grad_of(zeros), 0 * z)


def sgd(c: Classes, case: Case, q: Sheet) -> None:
    """With equal gradients the second step is longer, by the share of the first."""
    with part(q, "step"):
        W = tensor(c, case["W"], is_parameter=True)
        momentum = float(case["momentum"])
        optimizer = c["SGD"]([W], lr=float(case["lr"]), momentum=momentum)
        W.grad = tensor(c, 0 * case["W"], False)
        before = W.data.copy()
        optimizer.step()
        like("W to stay where its gradient is zeros", W.data, before, 0.0)
        weights = [W.data.copy()]
        for _ in range(2):
            W.grad = tensor(c, case["gW0"], False)
            optimizer.step()
            weights.append(W.data.copy())
        first, second = np.diff(weights, axis=0)
        true("a step to change W", first != 0)
        ratio = np.full(first.shape, 1 + momentum)
        like("a second step with equal gradients, over the first one,", second / first, ratio)


sgd_momentum = sgd


def module_batchnorm(c: Classes, case: Case, q: Sheet) -> None:
    gamma, beta, x, delta = case["gamma"][0], case["beta"][0], case["x0"], case["delta"]

    def made(gamma: Any, beta: Any) -> Any:
        layer = c["nn.BatchNorm1d"](len(gamma))
        layer.gamma.data[...], layer.beta.data[...] = gamma, beta
        layer.train()
        return layer

    def run(gamma: Any, beta: Any, x: Any) -> Any:
        return made(gamma, beta)(tensor(c, x)).data

    zeros = np.zeros(len(gamma))
    with part(q, "forward"):
        out = array("the output", run(gamma, beta, x), x.shape)
        norm = (out - beta) / gamma
        like("the mean of the normalised columns", norm.mean(axis=0), zeros)
        like("the mean square of the normalised columns", (norm**2).mean(axis=0), zeros + 1, 1e-4)
        like("the output to stay when 2 is added to x", run(gamma, beta, x + 2), out)
    with part(q, "backward"):
        layer, t = made(gamma, beta), tensor(c, x)
        weighted(c, layer(t), delta)
        differences("x.grad", grad_of(t), numeric(lambda v: run(gamma, beta, v), x, delta))
        wanted = numeric(lambda v: run(v, beta, x), gamma, delta)
        differences("gamma.grad", grad_of(layer.gamma), wanted)
        wanted = numeric(lambda v: run(gamma, v, x), beta, delta)
        differences("beta.grad", grad_of(layer.beta), wanted)
    with part(q, "running"):
        layer = made(gamma, beta)
        for _ in range(MANY):
            layer(tensor(c, x))
        after = f"after {MANY} equal batches"
        like(f"running_mean {after}", np.ravel(layer.running_mean.data), x.mean(axis=0))
        like(f"running_var {after}", np.ravel(layer.running_var.data), x.var(axis=0, ddof=1))
    with part(q, "eval"):
        layer = made(gamma, beta)
        layer(tensor(c, x))
        layer.eval()
        before = np.copy(layer.running_mean.data)
        out = array("the output", layer(tensor(c, x, False)).data, x.shape)
        like("the output of a row alone", layer(tensor(c, x[1:2], False)).data, out[1:2])
        like("running_mean to stay", layer.running_mean.data, before, 0.0)


def cross_entropy(c: Classes, case: Case, q: Sheet) -> None:
    x, labels = case["x"], case["y"].argmax(axis=1)

    def loss(x: Any, labels: Any = labels) -> Any:
        target = tensor(c, labels, requires_grad=False)
        return np.reshape(c["nn.CrossEntropyLoss"]()(tensor(c, x), target).data, ())

    with part(q, "forward"):
        found = array("the loss", loss(x))
        like("the loss of equal logits", loss(0 * x), np.log(x.shape[1]))
        like("the loss to stay when all logits grow by 3", loss(x + 3), found)
        twice = loss(np.vstack([x, x]), np.concatenate([labels, labels]))
        like("the loss to stay when every row stands twice", twice, found)
        array("the loss of logits of 1e4", loss(1e4 * np.eye(*x.shape)))
    with part(q, "backward"):
        logits = tensor(c, x)
        c["nn.CrossEntropyLoss"]()(logits, tensor(c, labels, requires_grad=False)).backward()
        differences("logits.grad", grad_of(logits), numeric(loss, x))
