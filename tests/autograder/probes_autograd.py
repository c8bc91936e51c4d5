"""What is asked of a submission of the autograd homework; see `probes.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.autograder import probes
from tests.autograder.cases import Case
from tests.autograder.probes import Classes, Outputs, kept


def tensor(c: Classes, array: Any, requires_grad: bool = True, **options: Any) -> Any:
    return c["Tensor"](array.copy(), requires_grad=requires_grad, **options)


def grad_of(t: Any) -> Any:
    """The gradient of a tensor as an array; None where it has none."""
    return None if t.grad is None else kept(t.grad.data)


def binary(c: Classes, case: Case, operation: Any) -> Outputs:
    a, b = tensor(c, case["a"]), tensor(c, case["b"])
    out = operation(a, b)
    yield "forward/out", kept(out.data)
    out.backward()
    yield "backward/a.grad", grad_of(a)
    yield "backward/b.grad", grad_of(b)


def subtraction(c: Classes, case: Case) -> Outputs:
    return binary(c, case, lambda a, b: a - b)


def multiplication(c: Classes, case: Case) -> Outputs:
    return binary(c, case, lambda a, b: a * b)


def division(c: Classes, case: Case) -> Outputs:
    return binary(c, case, lambda a, b: a / b)


def graph(c: Classes, case: Case) -> Outputs:
    """`out = a * b + a`, once more with `a` behind a constant, and what is left in the tensors."""
    a, b = tensor(c, case["a"]), tensor(c, case["b"])
    product = a * b
    out = product + a
    out.backward()
    yield "backward/a.grad", grad_of(a)
    yield "backward/b.grad", grad_of(b)
    yield "graph/grad of the product", grad_of(product)
    yield "graph/grad of the output", grad_of(out)
    constant = tensor(c, case["b"], requires_grad=False)
    d = tensor(c, case["a"])
    out = constant * (constant + d)
    out.backward()
    yield "backward/grad behind a constant", grad_of(d)
    yield "graph/grad of the constant", grad_of(constant)
    e, f = tensor(c, case["a"]), tensor(c, case["a"])
    (e + f).backward()
    same = e.grad is f.grad or np.shares_memory(e.grad.data, f.grad.data)
    yield "graph/one gradient array for two tensors", np.array(float(same))
    g = tensor(c, case["a"])
    (g * constant).backward()
    (g * constant).backward()
    yield "backward/grad after two graphs", grad_of(g)


def module_linear(c: Classes, case: Case) -> Outputs:
    inputs, outputs = case["W"].shape
    layer = c["nn.Linear"](inputs, outputs)
    layer.weight.data[...] = case["W"].T
    layer.bias.data[...] = case["b"][0]
    x = tensor(c, case["x"])
    out = layer(x)
    yield "forward/out", kept(out.data)
    (out * tensor(c, case["delta"], requires_grad=False)).backward()
    yield "backward/x.grad", grad_of(x)
    yield "backward/weight.grad", grad_of(layer.weight)
    yield "backward/bias.grad", grad_of(layer.bias)


def module_relu(c: Classes, case: Case) -> Outputs:
    z = tensor(c, case["z"])
    out = c["nn.ReLU"]()(z)
    yield "forward/out", kept(out.data)
    out.backward()
    yield "backward/z.grad", grad_of(z)


def sgd(c: Classes, case: Case) -> Outputs:
    W, b = (tensor(c, case[name], is_parameter=True) for name in ("W", "b"))
    optimizer = c["SGD"]([W, b], lr=float(case["lr"]), momentum=float(case["momentum"]))
    for step in range(3):
        optimizer.zero_grad()
        for parameter, name in ((W, f"gW{step}"), (b, f"gb{step}")):
            (parameter * tensor(c, case[name], requires_grad=False)).backward()
        optimizer.step()
        yield f"step/W after step {step + 1}", kept(W.data)
        yield f"step/b after step {step + 1}", kept(b.data)


def module_batchnorm(c: Classes, case: Case) -> Outputs:
    layer = c["nn.BatchNorm1d"](case["gamma"].shape[1])
    layer.gamma.data[...], layer.beta.data[...] = case["gamma"][0], case["beta"][0]
    layer.train()
    x = tensor(c, case["x0"])
    out = layer(x)
    yield "forward/out", kept(out.data)
    yield "running/mean", np.ravel(kept(layer.running_mean.data))
    yield "running/var", np.ravel(kept(layer.running_var.data))
    (out * tensor(c, case["delta"], requires_grad=False)).backward()
    yield "backward/x.grad", grad_of(x)
    yield "backward/gamma.grad", grad_of(layer.gamma)
    yield "backward/beta.grad", grad_of(layer.beta)
    layer(tensor(c, case["x1"], requires_grad=False))
    yield "running/mean of a second batch", np.ravel(kept(layer.running_mean.data))
    yield "running/var of a second batch", np.ravel(kept(layer.running_var.data))
    layer.eval()
    yield "eval/out", kept(layer(tensor(c, case["x_eval"], requires_grad=False)).data)
    yield "eval/running mean after it", np.ravel(kept(layer.running_mean.data))


def mnist(c: Classes, case: Case) -> Outputs:
    """`hw1/mnist.py` on images of MNIST's size: the validation accuracies."""
    arrays = (case[name].copy() for name in ("train_x", "train_y", "val_x", "val_y"))
    yield "run/accuracies", np.asarray(c["mnist"](*arrays), float)


def cross_entropy(c: Classes, case: Case) -> Outputs:
    logits = tensor(c, case["x"])
    labels = tensor(c, case["y"].argmax(axis=1), requires_grad=False)
    loss = c["nn.CrossEntropyLoss"]()(logits, labels)
    yield "forward/loss", np.reshape(kept(loss.data), ())
    loss.backward()
    yield "backward/logits.grad", grad_of(logits)


PROBES: dict[str, Callable[[Classes, Case], Outputs]] = {
    **{
        name: getattr(probes, name)
        for name in (
            *("softmax_cross_entropy", "linear", "classifier", "sigmoid", "tanh", "relu"),
            *("hidden", "batchnorm", "mlp_batchnorm", "momentum", "training"),
        )
    },
    "subtraction": subtraction,
    "multiplication": multiplication,
    "division": division,
    "graph": graph,
    "module_linear": module_linear,
    "module_relu": module_relu,
    "sgd": sgd,
    "sgd_momentum": sgd,
    "module_batchnorm": module_batchnorm,
    "cross_entropy": cross_entropy,
    "mnist": mnist,
}
"""Every probe of both homeworks by its name."""
