"""What is asked of a set of classes, each exercise with the arrays of one case."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from tests.autograder.sheet import Sheet

Classes = Any
Case = dict[str, Any]


def tensor(c: Classes, array: Any, requires_grad: bool = True, **options: Any) -> Any:
    return c["Tensor"](array.copy(), requires_grad=requires_grad, **options)


def grad_of(t: Any) -> Any:
    """The gradient of a tensor as an array; None where it has none."""
    return None if t.grad is None else t.grad.data


def left_in(t: Any, leaf: Any) -> Any:
    """The gradient of a tensor, once there is one in a leaf: nothing is no right answer before."""
    if grad_of(leaf) is None:
        raise ValueError("backward leaves no gradient in a leaf")
    return grad_of(t)


def weighted(c: Classes, out: Any, delta: Any) -> None:
    """The backward pass of `sum(out * delta)`."""
    (out * tensor(c, delta, requires_grad=False)).backward()


def _binary(operation: Any) -> Callable[[Classes, Case, Sheet], None]:
    def exercise(c: Classes, case: Case, q: Sheet) -> None:
        a, b = tensor(c, case["a"]), tensor(c, case["b"])
        with q.part("forward"):
            out = operation(a, b)
            q.give("out", out.data)
        with q.part("backward"):
            out.backward()
            q.give("a.grad", grad_of(a))
            q.give("b.grad", grad_of(b))

    return exercise


subtraction = _binary(lambda a, b: a - b)
multiplication = _binary(lambda a, b: a * b)
division = _binary(lambda a, b: a / b)


def graph(c: Classes, case: Case, q: Sheet) -> None:
    """`out = a * b + a`, or `a` behind a constant, and what is left in the tensors.

    Then the square of a product: both paths to a leaf lead through the same inner tensor.
    """
    a, b = tensor(c, case["a"]), tensor(c, case["b"])
    constant = tensor(c, case["b"], requires_grad=False)
    if case["behind"]:
        with q.part("backward"):
            d = tensor(c, case["a"])
            (constant * (constant + d)).backward()
            q.give("grad behind a constant", grad_of(d))
        with q.part("graph"):
            q.give("grad of the constant", left_in(constant, d))
        return
    with q.part("backward"):
        product = a * b
        out = product + a
        out.backward()
        q.give("a.grad", grad_of(a))
        q.give("b.grad", grad_of(b))
    with q.part("graph"):
        q.give("grad of the product", left_in(product, a))
        q.give("grad of the output", left_in(out, a))
    with q.part("graph"):
        e, f = tensor(c, case["a"]), tensor(c, case["a"])
        (e + f).backward()
        left_in(e, f)
        q.give("grads of a sum", np.array([grad_of(e), grad_of(f)]))
        same = e.grad is f.grad or np.shares_memory(e.grad.data, f.grad.data)
        q.give("one gradient array for two tensors", np.array(float(same)))
    with q.part("backward"):
        g = tensor(c, case["a"])
        (g * constant).backward()
        (g * constant).backward()
        q.give("grad after two graphs", grad_of(g))
    with q.part("backward"):
        h = tensor(c, case["a"])
        inner = h * constant
        (inner * inner).backward()
        q.give("grad behind a tensor that is used twice", grad_of(h))


def module_linear(c: Classes, case: Case, q: Sheet) -> None:
    inputs, outputs = case["W"].shape
    layer = c["nn.Linear"](inputs, outputs)
    layer.weight.data[...] = case["W"].T
    layer.bias.data[...] = case["b"][0]
    x = tensor(c, case["x"])
    with q.part("forward"):
        out = layer(x)
        q.give("out", out.data)
    with q.part("backward"):
        weighted(c, out, case["delta"])
        q.give("x.grad", grad_of(x))
        q.give("weight.grad", grad_of(layer.weight))
        q.give("bias.grad", grad_of(layer.bias))


def module_relu(c: Classes, case: Case, q: Sheet) -> None:
    z = tensor(c, case["z"])
    with q.part("forward"):
        out = c["nn.ReLU"]()(z)
        q.give("out", out.data)
    with q.part("backward"):
        out.backward()
        q.give("z.grad", grad_of(z))


def sgd(c: Classes, case: Case, q: Sheet) -> None:
    W, b = (tensor(c, case[name], is_parameter=True) for name in ("W", "b"))
    optimizer = c["SGD"]([W, b], lr=float(case["lr"]), momentum=float(case["momentum"]))
    for step in range(3):
        with q.part("zero_grad"):
            optimizer.zero_grad()
        with q.part("step"):
            W.grad, b.grad = (tensor(c, case[f"g{n}{step}"], False) for n in ("W", "b"))
            optimizer.step()
            q.give(f"W after step {step + 1}", W.data)
            q.give(f"b after step {step + 1}", b.data)


sgd_momentum = sgd


def module_batchnorm(c: Classes, case: Case, q: Sheet) -> None:
    layer = c["nn.BatchNorm1d"](case["gamma"].shape[1])
    layer.gamma.data[...], layer.beta.data[...] = case["gamma"][0], case["beta"][0]
    layer.train()
    x = tensor(c, case["x0"])
    with q.part("forward"):
        out = layer(x)
        q.give("out", out.data)
    with q.part("running"):
        q.give("mean", np.ravel(layer.running_mean.data))
        q.give("var", np.ravel(layer.running_var.data))
    with q.part("backward"):
        weighted(c, out, case["delta"])
        q.give("x.grad", grad_of(x))
        q.give("gamma.grad", grad_of(layer.gamma))
        q.give("beta.grad", grad_of(layer.beta))
    with q.part("running"):
        layer(tensor(c, case["x1"]))
        q.give("mean of a second batch", np.ravel(layer.running_mean.data))
        q.give("var of a second batch", np.ravel(layer.running_var.data))
    with q.part("eval"):
        layer.eval()
        q.give("out", layer(tensor(c, case["x_eval"], requires_grad=False)).data)
        q.give("running mean after it", np.ravel(layer.running_mean.data))
        with suppress(Exception):
            layer.is_train = False  # which `eval` should have done
        q.give("out once more", layer(tensor(c, case["x_eval"], requires_grad=False)).data)


def mnist(c: Classes, case: Case, q: Sheet) -> None:
    """`hw1/mnist.py` on images of MNIST's size: the validation accuracies."""
    arrays = (case[name].copy() for name in ("train_x", "train_y", "val_x", "val_y"))
    with q.part("run"):
        q.give("accuracies", np.asarray(c["mnist"](*arrays), float))


def cross_entropy(c: Classes, case: Case, q: Sheet) -> None:
    logits = tensor(c, case["x"])
    labels = tensor(c, case["y"].argmax(axis=1), requires_grad=False)
    with q.part("forward"):
        loss = c["nn.CrossEntropyLoss"]()(logits, labels)
        q.give("loss", np.reshape(loss.data, ()))
    with q.part("backward"):
        loss.backward()
        q.give("logits.grad", grad_of(logits))
